/* SPDX-License-Identifier: Apache-2.0 */
/* The settings that several processes of the suite read, each declared once: variable,
 * grammar, default, bounds and help are the same wherever it is read. A service's
 * table includes the macro; its struct has the members that the macro names. What one
 * service alone reads is declared in its own table; OXE_LANES is in proto/lane.h. */
#ifndef OXE_COMMON_SUITE_CONFIG_H
#define OXE_COMMON_SUITE_CONFIG_H

#include <stddef.h>

#include "common/config.h"

/* char database[CONFIG_TEXT_MAX]. role: a literal, the service's own role and what else to say of it. */
#define SUITE_CONFIG_DATABASE(type, role)                                                                    \
    {                                                                                                        \
        "OXE_DATABASE", CONFIG_SECRET, offsetof(type, database), NULL, 1, CONFIG_TEXT_MAX - 1,               \
            "libpq conninfo of PostgreSQL, as the role " role, NULL                                          \
    }

/* char redis_url[CONFIG_TEXT_MAX], redis_password[CONFIG_TEXT_MAX]. */
#define SUITE_CONFIG_REDIS(type)                                                                             \
    {"OXE_REDIS_URL",                                                                                        \
     CONFIG_TEXT,                                                                                            \
     offsetof(type, redis_url),                                                                              \
     NULL,                                                                                                   \
     1,                                                                                                      \
     CONFIG_TEXT_MAX - 1,                                                                                    \
     "redis://[user@]host:port or unix://[user@]/path, which live events go through",                        \
     suite_config_check_redis_url},                                                                          \
    {                                                                                                        \
        "OXE_REDIS_PASSWORD", CONFIG_SECRET, offsetof(type, redis_password), "", 0, 255,                     \
            "password of Redis, of the URL's user or of its default user; empty: none", NULL                 \
    }

/* struct config_list audit_writers. */
#define SUITE_CONFIG_AUDIT_WRITERS(type)                                                                     \
    {                                                                                                        \
        "OXE_AUDIT_WRITERS", CONFIG_LIST, offsetof(type, audit_writers), "", 0, SUITE_AUDIT_WRITERS_MAX,     \
            "endpoints of the audit-writers to wake", NULL                                                   \
    }

/* A member char[CONFIG_TEXT_MAX]. */
#define SUITE_CONFIG_AUDIT_POLICY(type, member)                                                              \
    {                                                                                                        \
        "OXE_AUDIT_POLICY", CONFIG_TEXT, offsetof(type, member), "", 0, CONFIG_TEXT_MAX - 1,                 \
            "file of the audit log's policy (C2SP tlog-policy): the keys of the log and of its witnesses, "  \
            "and the quorum of witnesses that a checkpoint is published with; the gateway shows it to "      \
            "anybody",                                                                                       \
            NULL                                                                                             \
    }

/* char trading_tz[CONFIG_TEXT_MAX], trading_day_start[CONFIG_TEXT_MAX]. */
#define SUITE_CONFIG_TRADING_DAY(type)                                                                       \
    {"OXE_TRADING_TZ",                                                                                       \
     CONFIG_TEXT,                                                                                            \
     offsetof(type, trading_tz),                                                                             \
     "America/New_York",                                                                                     \
     1,                                                                                                      \
     64,                                                                                                     \
     "time zone of the trading day, the same in every process",                                              \
     suite_config_check_zone},                                                                               \
    {                                                                                                        \
        "OXE_TRADING_DAY_START", CONFIG_TEXT, offsetof(type, trading_day_start), "00:00", 1, 64,             \
            "local time at which a trading day begins, HH:MM, the same in every process",                    \
            suite_config_check_day_start                                                                     \
    }

/* char market_collar_pct[CONFIG_TEXT_MAX], int64_t price_age_max_ms: what risk_decide takes from them,
 * whoever asks it. The table's owner also calls suite_config_check_price_age. */
#define SUITE_CONFIG_MARKET(type)                                                                            \
    {"OXE_MARKET_COLLAR_PCT",                                                                                \
     CONFIG_TEXT,                                                                                            \
     offsetof(type, market_collar_pct),                                                                      \
     "5",                                                                                                    \
     1,                                                                                                      \
     16,                                                                                                     \
     "percent on top of the last price or trigger that MARKET and STOP orders reserve, the same in every "   \
     "process",                                                                                              \
     suite_config_check_percent},                                                                            \
    {                                                                                                        \
        "OXE_PRICE_MAX_AGE", CONFIG_DURATION, offsetof(type, price_age_max_ms), "60s", 0, 24 * 3600 * 1000,  \
            "an order at the market is refused while the last price is older than this (from 10s), others "  \
            "are warned; 0s for none; the same in every process",                                            \
            NULL                                                                                             \
    }

enum { SUITE_AUDIT_WRITERS_MAX = 8 };

/* The checks: NULL or what is wrong. */
const char *suite_config_check_redis_url(const char *text);
/* A zone of the system's time zone database. */
const char *suite_config_check_zone(const char *text);
const char *suite_config_check_day_start(const char *text);
/* A decimal from 0 to 1000. */
const char *suite_config_check_percent(const char *text);
const char *suite_config_check_price_age(int64_t ms);

/* "HH:MM", both with two digits, as minutes since midnight; -1 when it is not a time. */
int suite_config_day_start_minutes(const char *text);

#endif
