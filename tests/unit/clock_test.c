/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 in and out, and the bounds of struct instant. */
#include "common/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#define NOON INT64_C(1760702465000000) /* 2025-10-17T12:01:05Z */

Test(clock, timestamps_are_read)
{
    static const struct {
        const char *text;
        int result;
        int64_t us;
    } cases[] = {
        {"2025-10-17T12:01:05Z", 0, NOON},
        {"2025-10-17t12:01:05z", 0, NOON},
        {"2025-10-17T12:01:05.000000Z", 0, NOON},
        {"2025-10-17T12:01:05.5Z", 0, NOON + 500000},
        {"2025-10-17T12:01:05.123456Z", 0, NOON + 123456},
        {"2025-10-17T12:01:05.123456999Z", 0, NOON + 123456},
        {"2025-10-17T14:01:05+02:00", 0, NOON},
        {"2025-10-17T06:31:05-05:30", 0, NOON},
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01T01:00:00+01:00", 0, 0},
        {"1969-12-31T23:00:00-01:00", 0, 0},
        {"2000-02-29T00:00:00Z", 0, INT64_C(951782400000000)},
        {"2024-02-29T23:59:59Z", 0, INT64_C(1709251199000000)},
        {"2016-12-31T23:59:60Z", 0, INT64_C(1483228800000000)},
        {"9999-12-31T23:59:59.999999Z", 0, INT64_C(253402300799999999)},
        {"9999-12-31T23:59:59-00:01", -ERANGE, 0},
        {"1970-01-01T00:00:00+00:01", -ERANGE, 0},
        {"1969-12-31T23:59:59Z", -ERANGE, 0},
        {"0001-01-01T00:00:00Z", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"2025-10-17", -EINVAL, 0},
        {"2025-10-17 12:01:05Z", -EINVAL, 0},
        {"2025-10-17T12:01:05", -EINVAL, 0},
        {"2025-10-17T12:01:05.Z", -EINVAL, 0},
        {"2025-10-17T12:01:05.1234567890Z", -EINVAL, 0},
        {"2025-10-17T12:01:05+2:00", -EINVAL, 0},
        {"2025-10-17T12:01:05+24:00", -EINVAL, 0},
        {"2025-10-17T12:01:05+01:60", -EINVAL, 0},
        {"2025-10-17T12:01:05Z ", -EINVAL, 0},
        {"2025-10-17T24:00:00Z", -EINVAL, 0},
        {"2025-10-17T12:60:00Z", -EINVAL, 0},
        {"2025-10-17T12:01:61Z", -EINVAL, 0},
        {"2025-10-17T12:01:60Z", -EINVAL, 0},
        {"2025-13-17T12:01:05Z", -EINVAL, 0},
        {"2025-00-17T12:01:05Z", -EINVAL, 0},
        {"2025-04-31T12:01:05Z", -EINVAL, 0},
        {"2025-02-29T12:01:05Z", -EINVAL, 0},
        {"2100-02-29T12:01:05Z", -EINVAL, 0},
        {"-025-10-17T12:01:05Z", -EINVAL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct instant instant = {42};
        int r = instant_parse(cases[i].text, strlen(cases[i].text), &instant);
        cr_expect_eq(r, cases[i].result, "'%s' gives %d", cases[i].text, r);
        cr_expect_eq(instant.us, cases[i].result == 0 ? cases[i].us : 42, "'%s' is %lld", cases[i].text,
                     (long long)instant.us);
    }
}

Test(clock, timestamps_are_written_with_six_digits)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {NOON, "2025-10-17T12:01:05.000000Z"},
        {NOON + 42, "2025-10-17T12:01:05.000042Z"},
        {INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
        {-1, "1970-01-01T00:00:00.000000Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[INSTANT_TEXT_MAX];
        cr_expect_eq(instant_format((struct instant){cases[i].us}, text), 27);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(clock, every_day_reads_back)
{
    for (int64_t day = 0; day < INT64_C(2932897); day += 13) {
        struct instant instant = {day * INT64_C(86400000000) + 1}, back;
        char text[INSTANT_TEXT_MAX];
        size_t length = instant_format(instant, text);
        cr_assert_eq(instant_parse(text, length, &back), 0, "%s", text);
        cr_assert_eq(back.us, instant.us, "%s", text);
    }
}

Test(clock, now_is_after_this_was_written_and_monotonic_time_grows)
{
    cr_expect_gt(clock_now().us, NOON);
    int64_t before = clock_monotonic_us();
    cr_expect_geq(clock_monotonic_us(), before);
    cr_expect_gt(before, 0);
}
