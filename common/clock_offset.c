/* SPDX-License-Identifier: Apache-2.0 */
#include "common/clock_offset.h"

#include <inttypes.h>
#include <stdlib.h>

enum { QUESTIONS = 3 };

const char sql_clock_offset[] = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

struct clock_offset clock_offset_of(struct instant before, struct instant theirs, int64_t elapsed_us)
{
    int64_t half_us = (elapsed_us + 1) / 2;

    return (struct clock_offset){.offset_us = before.us + half_us - theirs.us, .error_us = half_us};
}

bool clock_offset_is_apart(const struct clock_offset *offset)
{
    return llabs(offset->offset_us) > CLOCK_OFFSET_MAX_US + offset->error_us;
}

static int64_t milliseconds(int64_t us)
{
    return (us + 500) / 1000;
}

void clock_offset_describe(const struct clock_offset *offset, struct buffer *out)
{
    int64_t most_us = llabs(offset->offset_us) + offset->error_us;

    if (most_us < 1000) {
        buffer_append_text(out, "within 1 ms of PostgreSQL's clock");
        return;
    }
    buffer_append_format(out, "%" PRId64 " ms %s PostgreSQL's clock, give or take %" PRId64 " ms",
                         milliseconds(llabs(offset->offset_us)),
                         offset->offset_us < 0 ? "behind" : "ahead of", (offset->error_us + 999) / 1000);
}

int clock_offset_measure(struct db *db, size_t statement, int timeout_ms, struct clock_offset *ret_offset)
{
    struct clock_offset best = {.error_us = INT64_MAX};

    for (int i = 0; i < QUESTIONS; i++) {
        const PGresult *result = NULL;
        int64_t begin_us = clock_monotonic_us();
        struct instant before = clock_now();
        int r = db_run(db, statement, NULL, timeout_ms, &result);
        if (r < 0)
            return r;
        struct clock_offset offset =
            clock_offset_of(before, db_get_instant(result, 0, 0), clock_monotonic_us() - begin_us);
        if (offset.error_us < best.error_us)
            best = offset;
    }
    *ret_offset = best;
    return 0;
}
