/* SPDX-License-Identifier: Apache-2.0 */
/* A trading day as a service keeps it, by the database's clock: counted once, and again when it is over
 * (read_day.sql). */
#ifndef OXE_PROTO_TRADING_DAY_H
#define OXE_PROTO_TRADING_DAY_H

#include "common/db.h"

struct trading_day {
    int64_t day;        /* days since 1970 */
    struct instant end; /* 0: it was not asked for */
};

static inline bool trading_day_is_over(const struct trading_day *day, struct instant now)
{
    return now.us >= day->end.us;
}

/* Takes the row of read_day.sql. */
static inline void trading_day_take(struct trading_day *day, const PGresult *result)
{
    day->day = db_get_i64(result, 0, 0);
    day->end = db_get_instant(result, 0, 1);
}

#endif
