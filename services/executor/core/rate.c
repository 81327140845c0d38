/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/rate.h"

#include <stdbool.h>

/* A token unit is such that per_minute_milli × microseconds needs no division: milli-messages × µs in a
 * minute. */
static const int64_t message_units = INT64_C(1000) * 60 * 1000000;
static const int64_t refill_us_max = INT64_C(60) * 1000000;

void rate_init(struct rate *rate, int64_t limit, int lanes, int64_t now_us)
{
    int64_t share_milli = limit * 1000 / lanes;
    int64_t burst_milli = share_milli / 5 > 1000 ? share_milli / 5 : 1000;
    bool spread_only = share_milli <= burst_milli;
    *rate = (struct rate){
        .per_minute_milli = spread_only ? share_milli : share_milli - burst_milli,
        .burst = burst_milli * (message_units / 1000),
        .refilled_us = now_us,
    };
    rate->tokens = rate->burst;
}

int rate_available(struct rate *rate, int wanted, int64_t now_us)
{
    if (rate->per_minute_milli == 0)
        return wanted;
    int64_t elapsed = now_us - rate->refilled_us;
    if (elapsed > 0) {
        rate->refilled_us = now_us;
        rate->tokens += rate->per_minute_milli * (elapsed < refill_us_max ? elapsed : refill_us_max);
        if (rate->tokens > rate->burst)
            rate->tokens = rate->burst;
    }
    int64_t whole = rate->tokens > 0 ? rate->tokens / message_units : 0;
    return whole < wanted ? (int)whole : wanted;
}

void rate_take(struct rate *rate, int messages)
{
    if (rate->per_minute_milli != 0)
        rate->tokens -= messages * message_units;
}
