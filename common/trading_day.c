/* SPDX-License-Identifier: Apache-2.0 */
#include "common/trading_day.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MINUTE_S = 60, DAY_S = 24 * 60 * 60 };

static const int64_t second_us = 1000 * 1000;

int trading_day_set_zone(const char *zone)
{
    if (setenv("TZ", zone, 1) < 0)
        return -errno;
    tzset();
    return 0;
}

/* What the clock of the zone shows, as seconds since 1970 there. */
static int64_t shown(int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm local;
    (void)localtime_r(&at, &local);
    return at_s + local.tm_gmtoff;
}

/* The moment at which the clock shows `local_s`. An offset holds for longer than two days, so the one of a
 * day before or of a day after is right. */
static int64_t moment_of(int64_t local_s)
{
    int64_t before = local_s - (shown(local_s - DAY_S) - (local_s - DAY_S));
    int64_t after = local_s - (shown(local_s + DAY_S) - (local_s + DAY_S));
    return shown(after) == local_s ? after : before;
}

struct trading_day trading_day_on(int64_t date, int start_minutes)
{
    int64_t start_s = date * DAY_S + (int64_t)start_minutes * MINUTE_S;

    return (struct trading_day){{moment_of(start_s) * second_us}, {moment_of(start_s + DAY_S) * second_us}};
}

struct trading_day trading_day_of(struct instant now, int start_minutes)
{
    return trading_day_on((shown(now.us / second_us) - (int64_t)start_minutes * MINUTE_S) / DAY_S,
                          start_minutes);
}
