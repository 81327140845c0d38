/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a turn as rows of the outbox. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "services/executor/core/turn.h"

static const struct instant now = {INT64_C(1700000000000000)};

/* A former audit-writer refuses a longer row, and one that it refuses is put aside: what is in it would be
 * missing from the log. */
Test(turn_events, the_events_of_a_large_turn_take_two_rows_in_their_order)
{
    static const struct {
        size_t events, rows[TURN_BATCHES];
    } cases[] = {
        {0, {0, 0}},
        {1, {1, 0}},
        {1024, {1024, 0}},
        {1025, {1024, 1}},
        {TURN_EVENTS_MAX, {1024, TURN_EVENTS_MAX - 1024}},
    };
    CLEANUP(buffer_release) struct buffer rows = BUFFER_INIT(0);
    CLEANUP_FREE struct event_batch *row = malloc(sizeof(*row));
    struct execute_policy policy = {.venue = "SIM", .actor = "executor"};
    struct uuid_source ids = {0};
    struct envelope envelope;
    struct turn *turn;

    cr_assert_not_null(row);
    cr_assert_eq(turn_create(&policy, &ids, &turn), 0);
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++)
        turn->batch.events[i] = (struct event){.order_id = {.bytes = {1, (uint8_t)(i >> 8), (uint8_t)i}},

                                               .has_order_id = true,
                                               .action = AUDIT_ACTION_SUBMITTED,
                                               .actor = "executor",
                                               .occurred_at = now};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        size_t ends[TURN_BATCHES], begin = 0, next = 0;
        turn->batch.events_count = cases[c].events;
        cr_assert_eq(turn_encode_events(turn, &rows, ends), 0);
        for (size_t r = 0; r < TURN_BATCHES; begin = ends[r++]) {
            cr_assert_eq(ends[r] > begin, cases[c].rows[r] > 0, "%zu events, row %zu", cases[c].events, r);
            if (ends[r] == begin)
                continue;
            cr_assert_eq(
                event_batch_decode((const uint8_t *)rows.data + begin, ends[r] - begin, &envelope, row), 0);
            cr_assert_eq(row->events_count, cases[c].rows[r], "%zu events, row %zu", cases[c].events, r);
            for (size_t i = 0; i < row->events_count; i++, next++)
                cr_assert_eq(uuid_compare(row->events[i].order_id, turn->batch.events[next].order_id), 0);
        }
        cr_expect_eq(next, cases[c].events);
        cr_expect_eq(ends[TURN_BATCHES - 1], rows.length);
    }
    turn_destroy(&turn);
}
