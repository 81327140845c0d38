/* SPDX-License-Identifier: Apache-2.0 */
/* A request's deadline between hosts whose clocks differ. */
#include "proto/deadline.h"

#include <criterion/criterion.h>
#include <inttypes.h>

enum { SECOND = 1000000, BUDGET = 5 * SECOND };
static const struct instant now = {INT64_C(1700000000000000)};

/* As its sender has stamped it `ago_us` ago, whose clock is ahead of ours by skew_us. */
static struct envelope request(int64_t ago_us, int64_t skew_us)
{
    return (struct envelope){.sent_at = {now.us - ago_us + skew_us},
                             .deadline = {now.us - ago_us + skew_us + BUDGET}};
}

static const int64_t skews[] = {
    0, -5 * SECOND, 5 * SECOND, -6 * SECOND, 60 * SECOND, -60 * SECOND, -86400 * INT64_C(1000000)};

Test(deadline, a_clock_that_is_off_ends_nothing_where_nothing_waits)
{
    for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++) {
        struct envelope envelope = request(1000, skews[i]);
        deadline_arrive(&envelope, now, 500000);
        cr_expect_not(deadline_has_passed(&envelope, now), "%" PRId64, skews[i]);
        cr_expect_geq(envelope.deadline.us, now.us + BUDGET - 500000, "%" PRId64, skews[i]);
        cr_expect_leq(envelope.deadline.us, now.us + BUDGET, "%" PRId64, skews[i]);
        cr_expect_leq(envelope.sent_at.us, now.us);
    }
}

Test(deadline, with_clocks_that_agree_what_waited_is_taken_off)
{
    static const struct {
        int64_t ago_us, bound_us;
        bool passed;
    } cases[] = {
        {4 * SECOND, 10 * SECOND, false}, {5 * SECOND - 1, 10 * SECOND, false},
        {5 * SECOND, 10 * SECOND, true},  {9 * SECOND, 10 * SECOND, true},
        {9 * SECOND, 4 * SECOND, false},  {9 * SECOND, 5 * SECOND, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct envelope envelope = request(cases[i].ago_us, 0);
        deadline_arrive(&envelope, now, cases[i].bound_us);
        cr_expect_eq(deadline_has_passed(&envelope, now), cases[i].passed, "%zu", i);
    }
}

/* Three seconds at each of two hops, the second by a clock that is a minute off. */
Test(deadline, what_hops_take_off_adds_up)
{
    struct envelope envelope = request(3 * SECOND, 0);
    deadline_arrive(&envelope, now, 3 * SECOND);
    cr_assert_not(deadline_has_passed(&envelope, now));
    cr_expect_eq(envelope.deadline.us, now.us + 2 * SECOND);
    envelope.sent_at = now; /* as the hop sends it on */
    struct instant later = {now.us + 60 * SECOND + 3 * SECOND};
    deadline_arrive(&envelope, later, 3 * SECOND);
    cr_expect(deadline_has_passed(&envelope, later));
}

Test(deadline, none_stays_none_and_a_budget_of_nothing_has_passed)
{
    struct envelope none = {.sent_at = now};
    deadline_arrive(&none, now, 0);
    cr_expect_eq(none.deadline.us, 0);
    cr_expect_not(deadline_has_passed(&none, now));
    struct envelope spent = {.sent_at = now, .deadline = {now.us - 1}};
    deadline_arrive(&spent, now, 0);
    cr_expect(deadline_has_passed(&spent, now));
    struct envelope first = {.sent_at = {now.us + now.us}, .deadline = {now.us}};
    deadline_arrive(&first, now, 0);
    cr_expect(deadline_has_passed(&first, now), "0 would be none");
}
