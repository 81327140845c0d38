/* SPDX-License-Identifier: Apache-2.0 */
/* How far this machine's clock is from PostgreSQL's, whose time stands in the rows beside those of all the
 * other machines.
 *
 * PostgreSQL is asked for its time: it looked at its clock somewhere between the question and the answer, so
 * the middle of the two is right to within half the round trip. Less than that means nothing. */
#ifndef OXE_COMMON_CLOCK_OFFSET_H
#define OXE_COMMON_CLOCK_OFFSET_H

#include <stdbool.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/db.h"

enum { CLOCK_OFFSET_MAX_US = 50 * 1000 };

struct clock_offset {
    int64_t offset_us; /* ours minus theirs */
    int64_t error_us;  /* how far offset_us may be wrong */
};

/* They said `theirs` between our `before` and so many microseconds later. */
struct clock_offset clock_offset_of(struct instant before, struct instant theirs, int64_t elapsed_us);

/* More than CLOCK_OFFSET_MAX_US, whatever the error. */
bool clock_offset_is_apart(const struct clock_offset *offset);

/* "213 ms ahead of PostgreSQL's clock, give or take 2 ms"; "within 1 ms of PostgreSQL's clock". */
void clock_offset_describe(const struct clock_offset *offset, struct buffer *out);

/* Asks a few times by the statement {"clock_offset", sql_clock_offset} of the connection, which stands, and
 * keeps the answer that came soonest. Errors of db_run. */
int clock_offset_measure(struct db *db, size_t statement, int timeout_ms, struct clock_offset *ret_offset);
extern const char sql_clock_offset[];

#endif
