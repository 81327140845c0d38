/* SPDX-License-Identifier: Apache-2.0 */
/* When trading days begin and end, across the changes of daylight saving. tests/e2e/order_types_test.c asks
 * the database about the same. */
#include "common/trading_day.h"

#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/suite_config.h"

static struct instant moment(const char *text)
{
    struct instant instant;
    cr_assert_eq(instant_parse(text, strlen(text), &instant), 0, "%s", text);
    return instant;
}

static void expect_instant(struct instant found, const char *wanted, size_t i)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(found, text);
    cr_expect_eq(found.us, moment(wanted).us, "case %zu: %s, not %s", i, text, wanted);
}

Test(trading_day, a_day_begins_and_ends_at_the_same_local_time)
{
    static const struct {
        const char *zone, *start, *now, *begin, *end;
    } cases[] = {
        {"UTC", "00:00", "2026-01-02T03:04:05Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"},
        {"UTC", "00:00", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"},
        {"UTC", "00:00", "2026-01-01T23:59:59.999999Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
        /* New York in winter, in summer, and on the days of the change: 23 and 25 hours */
        {"America/New_York", "00:00", "2026-01-15T04:59:59Z", "2026-01-14T05:00:00Z", "2026-01-15T05:00:00Z"},
        {"America/New_York", "00:00", "2026-07-15T04:00:00Z", "2026-07-15T04:00:00Z", "2026-07-16T04:00:00Z"},
        {"America/New_York", "00:00", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
        {"America/New_York", "00:00", "2026-03-09T03:59:59Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
        {"America/New_York", "00:00", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
        {"America/New_York", "00:00", "2026-11-02T04:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
        /* a day that begins in the evening */
        {"America/New_York", "17:00", "2026-03-07T23:00:00Z", "2026-03-07T22:00:00Z", "2026-03-08T21:00:00Z"},
        {"America/New_York", "17:00", "2026-11-01T21:59:59Z", "2026-10-31T21:00:00Z", "2026-11-01T22:00:00Z"},
        /* 02:30 is not shown in spring: 03:30 summer time; 01:30 is shown twice in autumn: the second one */
        {"America/New_York", "02:30", "2026-03-08T12:00:00Z", "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"},
        {"America/New_York", "01:30", "2026-10-31T12:00:00Z", "2026-10-31T05:30:00Z", "2026-11-01T06:30:00Z"},
        /* east of Greenwich, half hours, no daylight saving */
        {"Asia/Kolkata", "09:15", "2026-05-05T03:44:59Z", "2026-05-04T03:45:00Z", "2026-05-05T03:45:00Z"},
        {"Australia/Lord_Howe", "00:00", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z",
         "2026-04-05T13:30:00Z"},
        {"Europe/Dublin", "00:00", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_assert_eq(trading_day_set_zone(cases[i].zone), 0);
        struct trading_day day =
            trading_day_of(moment(cases[i].now), suite_config_day_start_minutes(cases[i].start));
        expect_instant(day.begin, cases[i].begin, i);
        expect_instant(day.end, cases[i].end, i);
    }
}

Test(trading_day, each_day_ends_where_the_next_begins)
{
    static const char *const zones[] = {"America/New_York", "Europe/London", "Australia/Sydney", "UTC"};
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        cr_assert_eq(trading_day_set_zone(zones[i]), 0);
        for (int start = 0; start < 24 * 60; start += 30) {
            struct trading_day day = trading_day_of(moment("2026-01-10T00:00:00Z"), start);
            for (int n = 0; n < 366; n++) {
                struct trading_day next = trading_day_of(day.end, start);
                cr_assert_eq(next.begin.us, day.end.us, "%s, %d, day %d", zones[i], start, n);
                cr_assert_gt(next.end.us, next.begin.us);
                day = next;
            }
        }
    }
}
