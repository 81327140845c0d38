/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits to the microsecond: no minute holds more than the limit, whenever it begins. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "services/gateway/io/rate_window.h"

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

static const int64_t start = INT64_C(1700000000000000);

#define AUTO_WINDOW CLEANUP(rate_window_release) struct rate_window

Test(rate_window, a_whole_limit_passes_at_once_and_no_more_for_a_minute)
{
    AUTO_WINDOW window = {0};

    for (int i = 0; i < 100; i++) {
        struct rate_verdict verdict = rate_window_take(&window, 100, start + i);
        cr_assert(verdict.passes, "%d", i);
        cr_assert_eq(verdict.remaining, 99 - i);
        cr_assert_eq(verdict.full_us, MINUTE);
        cr_assert_eq(verdict.retry_us, 0);
    }
    for (int s = 0; s < 60; s++) {
        struct rate_verdict refused = rate_window_take(&window, 100, start + 99 + s * SECOND);
        cr_assert_not(refused.passes, "%d s", s);
        cr_assert_eq(refused.remaining, 0);
        cr_assert_eq(refused.retry_us, MINUTE - 99 - s * SECOND);
        cr_assert_eq(refused.full_us, MINUTE - s * SECOND);
    }
    cr_assert_not(rate_window_take(&window, 100, start + MINUTE - 1).passes);
    cr_assert(rate_window_take(&window, 100, start + MINUTE).passes, "the first is a minute old");
    cr_assert_not(rate_window_take(&window, 100, start + MINUTE).passes, "the second is not");
    cr_assert(rate_window_take(&window, 100, start + MINUTE + 1).passes);
}

Test(rate_window, looking_takes_nothing)
{
    AUTO_WINDOW window = {0};

    for (int i = 0; i < 3; i++) {
        struct rate_verdict verdict = rate_window_look(&window, 1, start);
        cr_assert(verdict.passes && verdict.remaining == 1 && verdict.full_us == 0);
    }
    cr_assert(rate_window_take(&window, 1, start).passes);
    cr_assert_not(rate_window_look(&window, 1, start).passes);
}

Test(rate_window, a_refusal_costs_nothing)
{
    AUTO_WINDOW window = {0};

    cr_assert(rate_window_take(&window, 1, start).passes);
    for (int i = 1; i < 60; i++)
        cr_assert_not(rate_window_take(&window, 1, start + i * SECOND).passes);
    cr_assert(rate_window_take(&window, 1, start + MINUTE).passes);
}

Test(rate_window, silence_brings_back_no_more_than_the_limit)
{
    AUTO_WINDOW window = {0};

    for (int i = 0; i < 10; i++)
        cr_assert(rate_window_take(&window, 10, start).passes);
    int passed = 0;
    for (int i = 0; i < 30; i++)
        passed += rate_window_take(&window, 10, start + 3600 * INT64_C(1000000)).passes;
    cr_assert_eq(passed, 10);
}

Test(rate_window, any_limit_that_can_be_set_works)
{
    static const int64_t limits[] = {1, 7, 60, 60000001, INT32_MAX, INT64_MAX};

    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        AUTO_WINDOW window = {0};
        struct rate_verdict verdict = rate_window_take(&window, limits[i], start);
        cr_assert(verdict.passes, "%lld", (long long)limits[i]);
        cr_assert_eq(verdict.remaining, limits[i] - 1, "%lld", (long long)limits[i]);
    }
}

Test(rate_window, a_changed_limit_counts_what_passed_before)
{
    AUTO_WINDOW window = {0};

    for (int i = 0; i < 50; i++)
        cr_assert(rate_window_take(&window, 100, start + i * SECOND).passes);
    struct rate_verdict lowered = rate_window_take(&window, 10, start + 50 * SECOND);
    cr_assert_not(lowered.passes);
    cr_assert_eq(lowered.retry_us, 50 * SECOND, "until the forty-first is a minute old");
    cr_assert_not(rate_window_take(&window, 10, start + 100 * SECOND - 1).passes);
    cr_assert(rate_window_take(&window, 10, start + 100 * SECOND).passes);
    cr_assert_eq(rate_window_look(&window, 11, start + 100 * SECOND).remaining, 1);
}

/* How long a caller waits between two tries: bursts, a steady stream, silence, exactly the edge. */
static int64_t next_pause(unsigned int *seed, int64_t limit)
{
    switch (rand_r(seed) % 5) {
    case 0:
        return 0;
    case 1:
        return rand_r(seed) % 1000;
    case 2:
        return (int64_t)(rand_r(seed) % (2 * MINUTE)) / limit;
    case 3:
        return rand_r(seed) % (3 * SECOND);
    default:
        return rand_r(seed) % 50 == 0 ? MINUTE - 1 + rand_r(seed) % 3 : MINUTE / limit;
    }
}

/* Of any arrivals: no minute has more than the limit, nobody is refused who need not be, and Retry-After is
 * right to the microsecond. */
Test(rate_window, no_minute_of_any_arrivals_has_more_than_the_limit)
{
    enum { RUNS = 60, TRIES = 3000 };
    static int64_t admitted[TRIES];

    for (unsigned int run = 1; run <= RUNS; run++) {
        AUTO_WINDOW window = {0};
        unsigned int seed = run;
        int64_t limit = 1 + rand_r(&seed) % 60, now = start, again = start;
        size_t count = 0;
        for (int i = 0; i < TRIES; i++) {
            now += next_pause(&seed, limit);
            struct rate_verdict verdict = rate_window_take(&window, limit, now);
            bool full = count >= (size_t)limit && admitted[count - (size_t)limit] + MINUTE > now;
            cr_assert_eq(verdict.passes, !full, "run %u, try %d of limit %lld", run, i, (long long)limit);
            if (verdict.passes)
                admitted[count++] = now;
            else
                again = admitted[count - (size_t)limit] + MINUTE;
            cr_assert_eq(verdict.retry_us, verdict.passes ? 0 : again - now, "run %u, try %d", run, i);
        }
        for (size_t i = (size_t)limit; i < count; i++)
            cr_assert_geq(admitted[i] - admitted[i - (size_t)limit], MINUTE, "run %u", run);
    }
}

Test(rate_table, keeps_callers_and_kinds_apart)
{
    CLEANUP(rate_table_destroy) struct rate_table *table = NULL;
    struct uuid a = {{1}}, b = {{2}};

    cr_assert_eq(rate_table_create(1, &table), 0);
    cr_assert(rate_window_take(rate_table_window(table, 0, a, start), 1, start).passes);
    cr_assert_not(rate_window_take(rate_table_window(table, 0, a, start), 1, start).passes);
    cr_assert(rate_window_take(rate_table_window(table, 1, a, start), 1, start).passes);
    cr_assert(rate_window_take(rate_table_window(table, 0, b, start), 2, start).passes);
    cr_assert(rate_window_take(rate_table_window(table, 0, b, start), 2, start).passes);
    cr_assert_not(rate_window_take(rate_table_window(table, 0, b, start), 2, start).passes);
}

/* Five callers in a group of four: the one that has used least gives way. */
Test(rate_table, a_full_group_forgets_who_has_used_least)
{
    CLEANUP(rate_table_destroy) struct rate_table *table = NULL;

    cr_assert_eq(rate_table_create(1, &table), 0);
    for (uint8_t caller = 1; caller <= 4; caller++) {
        for (int i = 0; i < caller; i++)
            cr_assert(rate_window_take(rate_table_window(table, 0, (struct uuid){{caller}}, start), 4, start)
                          .passes);
    }
    cr_assert(rate_window_take(rate_table_window(table, 0, (struct uuid){{9}}, start), 4, start).passes);
    cr_assert_not(rate_window_take(rate_table_window(table, 0, (struct uuid){{4}}, start), 4, start).passes);
    cr_assert_eq(rate_window_look(rate_table_window(table, 0, (struct uuid){{3}}, start), 4, start).remaining,
                 1);
    cr_assert_eq(rate_window_look(rate_table_window(table, 0, (struct uuid){{1}}, start), 4, start).remaining,
                 4, "forgotten");
}

/* Two callers whose ids fall together, with every kind: their windows are more than a group holds. */
Test(rate_table, callers_with_every_kind_do_not_push_each_other_out)
{
    enum { SETS = 8 };
    CLEANUP(rate_table_destroy) struct rate_table *table = NULL;
    struct uuid callers[2] = {{{1}}, {{2}}};

    while (((uuid_hash(callers[0]) ^ uuid_hash(callers[1])) & (SETS - 1)) != 0)
        callers[1].bytes[15]++;
    cr_assert_eq(rate_table_create(SETS, &table), 0);
    for (int round = 0; round < 2; round++) {
        for (size_t caller = 0; caller < 2; caller++) {
            for (enum rate_kind kind = RATE_ORDERS; kind < RATE_KINDS; kind++) {
                struct rate_window *window = rate_table_window(table, kind, callers[caller], start);
                cr_expect_eq(rate_window_take(window, 1, start).passes, round == 0, "caller %zu, kind %d",
                             caller, (int)kind);
            }
        }
    }
}
