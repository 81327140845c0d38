/* SPDX-License-Identifier: Apache-2.0 */
/* When a trading day begins and ends: at a local time of
 * day, so that its length changes with daylight saving.
 *
 * The same rule as oxe.trading_day and oxe.trading_day_end in the database, by which DAY orders get their
 * expires_at: what the clock of the zone does not show (in spring) or shows twice (in autumn) is taken as the
 * later moment. trading_day_of and trading_day_on are functions of their arguments and of the zone, which is
 * the process's: the C library knows one. */
#ifndef OXE_COMMON_TRADING_DAY_H
#define OXE_COMMON_TRADING_DAY_H

#include <stdbool.h>

#include "common/clock.h"

struct trading_day {
    struct instant begin, end; /* the end is the next one's begin */
};

/* A zone that suite_config_check_zone knows; for any other the C library takes UTC without a word. Call it
 * before there are other threads. -errno. */
int trading_day_set_zone(const char *zone);

/* The trading day that `now` belongs to. start_minutes: since midnight. */
struct trading_day trading_day_of(struct instant now, int start_minutes);
/* That of a date, in days since 1970-01-01. */
struct trading_day trading_day_on(int64_t date, int start_minutes);

#endif
