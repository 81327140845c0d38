/* Rate limits to the microsecond. */
#include <criterion/criterion.h>

#include "common/cleanup.h"
#include "services/gateway/gcra.h"

enum { SECOND = 1000000 };

static const int64_t start = INT64_C(1700000000000000);

Test(gcra, a_whole_limit_passes_at_once_and_then_one_each_interval)
{
    int64_t tat = 0;

    for (int i = 0; i < 100; i++) {
        struct gcra_verdict verdict = gcra_take(&tat, 100, start);
        cr_assert(verdict.passes, "%d", i);
        cr_assert_eq(verdict.remaining, 99 - i);
        cr_assert_eq(verdict.full_us, (i + 1) * 600000);
        cr_assert_eq(verdict.retry_us, 0);
    }
    struct gcra_verdict refused = gcra_take(&tat, 100, start);
    cr_assert_not(refused.passes);
    cr_assert_eq(refused.remaining, 0);
    cr_assert_eq(refused.retry_us, 600000);
    cr_assert_not(gcra_take(&tat, 100, start + 599999).passes);
    cr_assert(gcra_take(&tat, 100, start + 600000).passes);
    cr_assert_not(gcra_take(&tat, 100, start + 600001).passes);
}

Test(gcra, a_refusal_costs_nothing)
{
    int64_t tat = 0;

    cr_assert(gcra_take(&tat, 1, start).passes);
    for (int i = 1; i < 60; i++)
        cr_assert_not(gcra_take(&tat, 1, start + i * SECOND).passes);
    cr_assert(gcra_take(&tat, 1, start + 60 * SECOND).passes);
}

Test(gcra, silence_brings_back_no_more_than_the_limit)
{
    int64_t tat = 0;

    for (int i = 0; i < 10; i++)
        cr_assert(gcra_take(&tat, 10, start).passes);
    int passed = 0;
    for (int i = 0; i < 30; i++)
        passed += gcra_take(&tat, 10, start + 3600 * INT64_C(1000000)).passes;
    cr_assert_eq(passed, 10);
}

Test(gcra, any_limit_that_can_be_set_works)
{
    static const int64_t limits[] = {1, 7, 59, 60, 61, 59999999, 60000000, 60000001, INT32_MAX};

    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        int64_t tat = 0;
        struct gcra_verdict verdict = gcra_take(&tat, limits[i], start);
        cr_assert(verdict.passes, "%lld", (long long)limits[i]);
        cr_assert_eq(verdict.remaining, limits[i] - 1, "%lld", (long long)limits[i]);
    }
}

Test(gcra, a_lowered_limit_counts_what_passed_before)
{
    int64_t tat = 0;

    for (int i = 0; i < 50; i++)
        cr_assert(gcra_take(&tat, 100, start).passes);
    cr_assert(gcra_take(&tat, 10, start).passes, "half a minute's worth is used");
    cr_assert_eq(gcra_take(&tat, 10, start).remaining, 3);
}

Test(gcra, a_table_keeps_callers_and_kinds_apart)
{
    CLEANUP(gcra_table_destroy) struct gcra_table *table = NULL;
    struct uuid a = {{1}}, b = {{2}};

    cr_assert_eq(gcra_table_create(1, &table), 0);
    cr_assert(gcra_table_take(table, 0, a, 1, start).passes);
    cr_assert_not(gcra_table_take(table, 0, a, 1, start).passes);
    cr_assert(gcra_table_take(table, 1, a, 1, start).passes);
    cr_assert(gcra_table_take(table, 0, b, 2, start).passes);
    cr_assert(gcra_table_take(table, 0, b, 2, start).passes);
    cr_assert_not(gcra_table_take(table, 0, b, 2, start).passes);
}

/* Five callers in a set of four: the one nearest to its full allowance gives way. */
Test(gcra, a_full_table_forgets_who_has_used_least)
{
    CLEANUP(gcra_table_destroy) struct gcra_table *table = NULL;

    cr_assert_eq(gcra_table_create(1, &table), 0);
    for (uint8_t caller = 1; caller <= 4; caller++) {
        for (int i = 0; i < caller; i++)
            cr_assert(gcra_table_take(table, 0, (struct uuid){{caller}}, 4, start).passes);
    }
    cr_assert(gcra_table_take(table, 0, (struct uuid){{9}}, 4, start).passes);
    cr_assert_not(gcra_table_take(table, 0, (struct uuid){{4}}, 4, start).passes);
    cr_assert_eq(gcra_table_take(table, 0, (struct uuid){{3}}, 4, start).remaining, 0);
    cr_assert_eq(gcra_table_take(table, 0, (struct uuid){{1}}, 4, start).remaining, 3, "forgotten");
}
