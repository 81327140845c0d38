/* SPDX-License-Identifier: Apache-2.0 */
/* The settings that several processes read: one grammar for each, whoever reads it. */
#include "common/suite_config.h"

#include <criterion/criterion.h>

#include "common/cleanup.h"

Test(suite_config, a_zone_is_one_that_the_system_knows)
{
    static const struct {
        const char *zone;
        bool known;
    } cases[] = {
        {"America/New_York", true},
        {"UTC", true},
        {"EST5EDT", true},
        {"America/Atlantis", false},
        {"", false},
        {".", false},
        {"America", false},
        {"/etc/passwd", false},
        {"../passwd", false},
        {"zone.tab", false},
        {":UTC", false},
        {"America/../UTC", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(suite_config_check_zone(cases[i].zone) == NULL, cases[i].known, "%s", cases[i].zone);
}

Test(suite_config, a_day_starts_at_a_time_of_day)
{
    static const struct {
        const char *text;
        int minutes;
    } cases[] = {
        {"00:00", 0}, {"09:30", 570}, {"23:59", 1439}, {"24:00", -1}, {"12:60", -1},    {"9:30", -1},
        {"0930", -1}, {"09:3x", -1},  {"", -1},        {" 9:30", -1}, {"09:30:00", -1}, {"-1:00", -1},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_expect_eq(suite_config_day_start_minutes(cases[i].text), cases[i].minutes, "%s", cases[i].text);
        cr_expect_eq(suite_config_check_day_start(cases[i].text) == NULL, cases[i].minutes >= 0);
    }
}

Test(suite_config, redis_is_found_by_a_url)
{
    static const struct {
        const char *url;
        bool good;
    } cases[] = {{"redis://127.0.0.1:6379", true}, {"redis://:secret@cache:6379", true},
                 {"unix:///run/redis.sock", true}, {"127.0.0.1:6379", false},
                 {"http://127.0.0.1:6379", false}, {"redis://", false}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(suite_config_check_redis_url(cases[i].url) == NULL, cases[i].good, "%s", cases[i].url);
}
