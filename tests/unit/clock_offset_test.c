/* SPDX-License-Identifier: Apache-2.0 */
/* What a round trip says of two clocks, and what it does not. */
#include "common/clock_offset.h"

#include <criterion/criterion.h>

#include "common/cleanup.h"

#define NOON INT64_C(1760702465000000)

Test(clock_offset, the_middle_of_the_round_trip_is_the_moment)
{
    static const struct {
        int64_t theirs_us, elapsed_us, offset_us, error_us;
    } cases[] = {
        {NOON + 500, 1000, 0, 500},    {NOON, 1000, 500, 500}, {NOON + 1000, 1000, -500, 500},
        {NOON - 200000, 0, 200000, 0}, {NOON + 3, 5, 0, 3},    {NOON + 60000000, 2000, -59999000, 1000},
        {NOON, 200000, 100000, 100000}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct clock_offset offset = clock_offset_of(
            (struct instant){NOON}, (struct instant){cases[i].theirs_us}, cases[i].elapsed_us);
        cr_expect_eq(offset.offset_us, cases[i].offset_us, "%zu: %ld", i, (long)offset.offset_us);
        cr_expect_eq(offset.error_us, cases[i].error_us, "%zu: %ld", i, (long)offset.error_us);
    }
}

Test(clock_offset, clocks_are_apart_beyond_50_ms_and_what_may_be_wrong)
{
    static const struct {
        struct clock_offset offset;
        bool apart;
    } cases[] = {{{0, 0}, false},
                 {{50000, 0}, false},
                 {{50001, 0}, true},
                 {{-50000, 0}, false},
                 {{-50001, 0}, true},
                 {{50001, 1}, false},
                 {{50002, 1}, true},
                 {{-80000, 30000}, false},
                 {{-80001, 30000}, true},
                 {{100000, 100000}, false},
                 {{INT64_C(86400000000), 10}, true}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(clock_offset_is_apart(&cases[i].offset), cases[i].apart, "%zu", i);
}

Test(clock_offset, people_read_milliseconds)
{
    static const struct {
        struct clock_offset offset;
        const char *text;
    } cases[] = {
        {{0, 120}, "within 1 ms of PostgreSQL's clock"},
        {{-700, 299}, "within 1 ms of PostgreSQL's clock"},
        {{-700, 300}, "1 ms behind PostgreSQL's clock, give or take 1 ms"},
        {{213400, 1001}, "213 ms ahead of PostgreSQL's clock, give or take 2 ms"},
        {{-3600000000, 90}, "3600000 ms behind PostgreSQL's clock, give or take 1 ms"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
        clock_offset_describe(&cases[i].offset, &text);
        cr_expect_str_eq(text.data, cases[i].text);
    }
}
