/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's share of EXCHANGE_API_RATE_LIMIT: a token bucket in integers. Pure; the time is an argument.
 *
 * Of the share, a fifth (at least one message) may go out at once and the rest is spread over the minute, so
 * that no minute, wherever it begins, sees more than the share. A share of at most one message a minute can
 * only be spread. */
#ifndef OXE_EXECUTOR_RATE_H
#define OXE_EXECUTOR_RATE_H

#include <stdint.h>

struct rate {
    int64_t per_minute_milli; /* refill, thousandths of a message a minute; 0: no limit */
    int64_t burst;            /* like tokens: thousandths of a message times the microseconds of a minute */
    int64_t tokens;
    int64_t refilled_us;
};

/* limit: messages a minute of all lanes, 0 for none. Starts full. */
void rate_init(struct rate *rate, int64_t limit, int lanes, int64_t now_us);
/* How many messages may go now, at most `wanted`. Takes nothing. */
int rate_available(struct rate *rate, int wanted, int64_t now_us);
/* Takes so many; what is unavoidable may overdraw it, later messages wait longer then. */
void rate_take(struct rate *rate, int messages);

#endif
