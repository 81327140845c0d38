/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/lane_numbers.h"

#include <errno.h>

#include "services/executor/shell/statement.h"

enum {
    OUT_LOW = 5000, /* fewer left: the next block is reserved */
};

static const struct schema_field fields[] = {
    ROW_FIELD(struct lane, lane, number),       ROW_FIELD(struct lane, epoch, epoch),
    ROW_FIELD(struct lane, old, in_committed),  ROW_FIELD(struct lane, in_seq, in_seen),
    ROW_FIELD(struct lane, out_more, out_more), ROW_FIELD(struct lane, renumbered, renumbered),
};
static const struct schema_record record = ROW_RECORD(struct lane, fields);

static bool moves(const void *item)
{
    const struct lane *lane = item;
    return lane->owned &&
           (lane->touched || lane->out_more > 0 || lane->in_seen != lane->in_committed || lane->renumbered);
}

size_t lane_numbers_add(struct executor *executor)
{
    for (struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        if (lane->owned)
            lane->out_more =
                executor->ops->next_out(executor->venue, lane->number) + OUT_LOW > lane->out_reserved
                    ? LANE_NUMBERS_BLOCK
                    : 0;
    }
    return statement_add_rows(executor, &record, executor->lanes, sizeof(executor->lanes[0]), LANES_MAX,
                              moves);
}

int lane_numbers_check(const PGresult *result, size_t count)
{
    return result != NULL && (size_t)PQntuples(result) == count ? 0 : -ESTALE;
}

void lane_numbers_advanced(struct executor *executor)
{
    for (struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        lane->in_committed = lane->in_seen;
        lane->out_reserved += lane->out_more;
        lane->out_more = 0;
        lane->touched = lane->renumbered = false;
    }
}
