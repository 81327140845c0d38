/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed of checks, and when one has failed. */
#include "services/oxectl/checks.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "common/cleanup.h"

Test(checks, a_failure_alone_fails, .init = cr_redirect_stdout)
{
    static const struct {
        enum check_status statuses[3];
        bool passed;
    } cases[] = {
        {{CHECKED_OK, CHECKED_OK, CHECKED_OK}, true},
        {{CHECKED_OK, CHECKED_SKIPPED, CHECKED_WARNING}, true},
        {{CHECKED_OK, CHECKED_FAILED, CHECKED_OK}, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(checks_release) struct checks checks = {.count = 0};
        for (size_t j = 0; j < ARRAY_LEN(cases[i].statuses); j++)
            checks_add(&checks, "one", cases[i].statuses[j], "remedy", "detail");
        cr_expect_eq(checks_print(&checks, false), cases[i].passed, "%zu", i);
        cr_expect_eq(checks_print(&checks, true), cases[i].passed, "%zu", i);
    }
}

Test(checks, what_is_well_needs_no_remedy, .init = cr_redirect_stdout)
{
    CLEANUP(checks_release) struct checks checks = {.count = 0};

    checks_add(&checks, "first", CHECKED_OK, "do this", "all %d", 3);
    checks_add(&checks, "second", CHECKED_WARNING, "do \"that\"", "only %d", 2);
    (void)checks_print(&checks, true);
    (void)checks_print(&checks, false);
    (void)fflush(stdout);
    cr_assert_stdout_eq_str("{\"passed\":true,\"checks\":[{\"check\":\"first\",\"status\":\"ok\",\"detail\":"
                            "\"all 3\",\"remedy\":null},"
                            "{\"check\":\"second\",\"status\":\"warning\",\"detail\":\"only "
                            "2\",\"remedy\":\"do \\\"that\\\"\"}]}\n"
                            "ok       first                    all 3\n"
                            "warning  second                   only 2\n"
                            "                                  -> do \"that\"\n"
                            "1 ok, 0 skipped, 1 with a warning, 0 failed\n");
}

Test(checks, more_than_are_kept_fail, .init = cr_redirect_stdout)
{
    CLEANUP(checks_release) struct checks checks = {.count = 0};

    for (int i = 0; i < CHECKS_MAX; i++)
        checks_add(&checks, "one", CHECKED_OK, NULL, "%s", "");
    cr_expect(checks_print(&checks, true));
    checks_add(&checks, "one", CHECKED_OK, NULL, "%s", "");
    cr_expect_not(checks_print(&checks, true));
}

Test(checks, words_are_read_and_others_are_failures)
{
    cr_expect_eq(checks_status_of("ok"), CHECKED_OK);
    cr_expect_eq(checks_status_of("skipped"), CHECKED_SKIPPED);
    cr_expect_eq(checks_status_of("warning"), CHECKED_WARNING);
    cr_expect_eq(checks_status_of("failed"), CHECKED_FAILED);
    cr_expect_eq(checks_status_of("fine"), CHECKED_FAILED);
    cr_expect_eq(checks_status_of(""), CHECKED_FAILED);
}

Test(checks, a_disk_needs_room_of_both_kinds)
{
    static const unsigned long long gib = 1024ull * 1024 * 1024;
    static const struct {
        unsigned long long free_mib, total_gib;
        enum check_status status;
    } cases[] = {
        {1023, 2, CHECKED_FAILED},       {1024, 2, CHECKED_WARNING},    {4095, 8, CHECKED_WARNING},
        {4096, 8, CHECKED_OK},           {51199, 1000, CHECKED_FAILED}, {51200, 1000, CHECKED_WARNING},
        {153599, 1000, CHECKED_WARNING}, {153600, 1000, CHECKED_OK},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(checks_of_disk(cases[i].free_mib << 20, cases[i].total_gib * gib), cases[i].status,
                     "%zu", i);
}
