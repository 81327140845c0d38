/* SPDX-License-Identifier: Apache-2.0 */
/* What is due comes out in the order of time, and not before. */
#include "services/executor/core/due_heap.h"

#include <criterion/criterion.h>
#include <string.h>

static struct uuid id_of(uint8_t number)
{
    struct uuid id;
    memset(&id, 0, sizeof(id));
    id.bytes[0] = number;
    return id;
}

Test(due_heap, the_earliest_comes_first_and_not_before_its_time)
{
    struct due_heap heap = {0};
    struct due due;
    cr_expect_eq(due_heap_next_us(&heap), INT64_MAX);
    cr_assert_eq(due_heap_push(&heap, 30, id_of(3)), 0);
    cr_assert_eq(due_heap_push(&heap, 10, id_of(1)), 0);
    cr_assert_eq(due_heap_push(&heap, 20, id_of(2)), 0);
    cr_expect_eq(due_heap_next_us(&heap), 10);
    cr_expect_not(due_heap_pop(&heap, 9, &due));
    for (uint8_t i = 1; i <= 3; i++) {
        cr_assert(due_heap_pop(&heap, 30, &due));
        cr_expect_eq(due.at_us, 10 * i);
        cr_expect_eq(due.order_id.bytes[0], i);
    }
    cr_expect_not(due_heap_pop(&heap, 100, &due));
    due_heap_release(&heap);
}

Test(due_heap, thousands_in_any_order_come_out_sorted)
{
    enum { ENTRIES = 5000 };
    struct due_heap heap = {0};
    struct due due;
    uint64_t random = 1;
    for (int i = 0; i < ENTRIES; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        cr_assert_eq(due_heap_push(&heap, (int64_t)(random >> 52), id_of(0)), 0);
        if (i % 5 == 4)
            cr_assert(due_heap_pop(&heap, INT64_MAX, &due));
    }
    int64_t last = 0;
    int count = 0;
    while (due_heap_pop(&heap, INT64_MAX, &due)) {
        cr_assert_geq(due.at_us, last);
        last = due.at_us;
        count++;
    }
    cr_expect_eq(count, ENTRIES - ENTRIES / 5);
    due_heap_clear(&heap);
    due_heap_release(&heap);
    due_heap_release(&heap);
}
