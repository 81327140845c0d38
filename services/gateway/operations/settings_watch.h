/* SPDX-License-Identifier: Apache-2.0 */
/* What operations set in the database while the suite runs: whether orders are taken, and limits. Asks so
 * often that a change is in force within a second, and tells when the last backup was made. */
#ifndef OXE_GATEWAY_SETTINGS_WATCH_H
#define OXE_GATEWAY_SETTINGS_WATCH_H

#include "common/service.h"
#include "services/gateway/io/db_pool.h"
#include "services/gateway/io/trader_cache.h"

struct settings {
    struct service *service;
    struct db_pool *pool;
    struct trader_cache *traders; /* emptied when a limit has changed */
    bool known;                   /* the database has been asked once */
    int percent;                  /* of traders whose orders are taken: ORDER_EXECUTION_V2_ENABLED */
    bool asking;
    int64_t next_poll_us;
    int64_t last_limit_change, limit_changes; /* what the trader cache was filled under */
};

/* Once a turn. While the database is away, what was known last stays. */
void settings_watch_tick(struct settings *settings, int64_t now_us);

#endif
