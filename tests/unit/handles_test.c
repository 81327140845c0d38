/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait: a handle finds its request until it is removed, and never another. */
#include <criterion/criterion.h>
#include <errno.h>

#include "common/cleanup.h"
#include "services/gateway/edge/handles.h"

Test(handles, a_handle_finds_its_owner_until_removed)
{
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int first = 1, second = 2;
    uint64_t a, b;

    cr_assert_eq(handles_create(2, 1, &parked), 0);
    cr_assert_eq(handles_add(parked, &first, 10, &a), 0);
    cr_assert_eq(handles_add(parked, &second, 20, &b), 0);
    cr_expect_neq(a, b);
    cr_expect_eq(handles_find(parked, a), &first);
    cr_expect_eq(handles_find(parked, b), &second);
    handles_remove(parked, a);
    cr_expect_null(handles_find(parked, a));
    cr_expect_eq(handles_find(parked, b), &second);
    cr_expect_eq(handles_count(parked), 1u);
}

Test(handles, a_late_handle_does_not_find_the_next_owner_of_its_slot)
{
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int first = 1, second = 2;
    uint64_t late, now;

    cr_assert_eq(handles_create(1, UINT32_MAX, &parked), 0);
    for (int i = 0; i < 3; i++) { /* over the end of the generations */
        cr_assert_eq(handles_add(parked, &first, 0, &late), 0);
        cr_assert_neq(late, 0u);
        handles_remove(parked, late);
        cr_assert_eq(handles_add(parked, &second, 0, &now), 0);
        cr_expect_null(handles_find(parked, late));
        handles_remove(parked, late);
        cr_expect_eq(handles_find(parked, now), &second, "a late removal removes nothing");
        handles_remove(parked, now);
    }
}

Test(handles, no_handle_is_zero_or_of_another_slot)
{
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int owner;
    uint64_t handle;

    cr_assert_eq(handles_create(2, 0, &parked), 0);
    cr_assert_eq(handles_add(parked, &owner, 0, &handle), 0);
    cr_expect_neq(handle, 0u);
    cr_expect_null(handles_find(parked, 0));
    cr_expect_null(handles_find(parked, handle + 1));
    cr_expect_null(handles_find(parked, handle + 2));
    cr_expect_null(handles_find(parked, UINT64_MAX));
}

Test(handles, takes_as_many_as_it_was_made_for)
{
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int owner;
    uint64_t handles[3], more;

    cr_assert_eq(handles_create(3, 1, &parked), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(handles_add(parked, &owner, i, &handles[i]), 0);
    cr_expect_eq(handles_add(parked, &owner, 9, &more), -ENOSPC);
    handles_remove(parked, handles[1]);
    cr_expect_eq(handles_add(parked, &owner, 9, &more), 0);
}

Test(handles, sizes_out_of_bounds_are_refused)
{
    struct handles *parked = NULL;

    cr_expect_eq(handles_create(0, 1, &parked), -EINVAL);
    cr_expect_eq(handles_create(1000001, 1, &parked), -EINVAL);
    cr_expect_null(parked);
}

Test(handles, the_first_deadline_is_overdue_first_whatever_the_order_of_parking)
{
    static const int64_t deadlines[] = {50, 10, 40, 10, 30};
    static const int order[] = {1, 3, 4, 2, 0};
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int owners[ARRAY_LEN(deadlines)];
    uint64_t handles[ARRAY_LEN(deadlines)];

    cr_assert_eq(handles_create(8, 1, &parked), 0);
    for (size_t i = 0; i < ARRAY_LEN(deadlines); i++)
        cr_assert_eq(handles_add(parked, &owners[i], deadlines[i], &handles[i]), 0);
    cr_expect_null(handles_overdue(parked, 9));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        cr_expect_null(handles_overdue(parked, deadlines[order[i]] - 1));
        cr_expect_eq(handles_overdue(parked, deadlines[order[i]]), &owners[order[i]], "the %zuth", i);
        handles_remove(parked, handles[order[i]]);
    }
    cr_expect_null(handles_overdue(parked, INT64_MAX));
}

struct walk {
    struct handles *parked;
    uint64_t handles[3];
    int visits;
};

static void remove_owner(void *owner, void *context)
{
    struct walk *walk = context;

    walk->visits++;
    handles_remove(walk->parked, walk->handles[*(int *)owner]);
}

Test(handles, an_owner_may_be_removed_while_it_is_visited)
{
    CLEANUP(handles_destroy) struct handles *parked = NULL;
    int owners[] = {0, 1, 2};
    struct walk walk = {0};

    cr_assert_eq(handles_create(3, 1, &parked), 0);
    walk.parked = parked;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(handles_add(parked, &owners[i], i, &walk.handles[i]), 0);
    handles_each(parked, remove_owner, &walk);
    cr_expect_eq(walk.visits, 3);
    cr_expect_eq(handles_count(parked), 0u);
}
