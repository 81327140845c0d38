/* SPDX-License-Identifier: Apache-2.0 */
/* The development sign-in's pure parts. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/loopback.h"
#include "services/gateway/operations/people.h"

Test(people, a_person_is_a_subject_with_a_role)
{
    static const struct {
        const char *text, *subject;
        enum jwt_role role;
    } cases[] = {
        {"alice:trader", "alice", JWT_ROLE_TRADER},
        {"carol:compliance", "carol", JWT_ROLE_COMPLIANCE},
        {"olga:operations", "olga", JWT_ROLE_OPERATIONS},
        {"alice", NULL, 0},
        {":trader", NULL, 0},
        {"alice:", NULL, 0},
        {"alice:admin", NULL, 0},
        {"alice:Trader", NULL, 0},
        {"a:b:trader", NULL, 0},
        {"", NULL, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct person person = {.subject = "untouched"};
        int r = people_parse(cases[i].text, &person);
        cr_expect_eq(r, cases[i].subject == NULL ? -EINVAL : 0, "%s: %d", cases[i].text, r);
        cr_expect_str_eq(person.subject, r < 0 ? "untouched" : cases[i].subject);
        if (r == 0)
            cr_expect_eq(person.role, cases[i].role, "%s", cases[i].text);
    }
    char text[JWT_SUBJECT_MAX + 16];
    struct person person;
    memset(text, 'a', sizeof(text));
    (void)strcpy(text + JWT_SUBJECT_MAX - 1, ":trader");
    cr_expect_eq(people_parse(text, &person), 0);
    memset(text, 'a', sizeof(text));
    (void)strcpy(text + JWT_SUBJECT_MAX, ":trader");
    cr_expect_eq(people_parse(text, &person), -EINVAL);
}

Test(people, nobody_else_is_found)
{
    static const struct config_list people = {.items = {"alice:trader", "olga:operations"}, .count = 2};
    struct person person;

    cr_expect_eq(people_find(&people, "olga", &person), 0);
    cr_expect_eq(person.role, JWT_ROLE_OPERATIONS);
    cr_expect_eq(people_find(&people, "alic", &person), -ENOENT);
    cr_expect_eq(people_find(&people, "alice:trader", &person), -ENOENT);
    cr_expect_eq(people_find(&people, "", &person), -ENOENT);
}

Test(loopback, only_this_machines_own_names_count)
{
    static const struct {
        const char *authority;
        bool own;
    } cases[] = {
        {"127.0.0.1", true},
        {"127.0.0.1:8080", true},
        {"127.1.2.3:1", true},
        {"localhost", true},
        {"LocalHost:8080", true},
        {"[::1]:8080", true},
        {"[::1]", true},
        {"0.0.0.0:8080", false},
        {"[::]:8080", false},
        {"128.0.0.1:8080", false},
        {"192.168.0.1:80", false},
        {"evil.example:8080", false},
        {"localhost.evil.example", false},
        {"127.0.0.1.evil.example", false},
        {"127.0.0.1:evil", false},
        {"localhost:80:80", false},
        {"127.1", false},
        {"2130706433", false},
        {"0x7f.0.0.1", false},
        {"::1", false},
        {"[::1", false},
        {"[::1]x", false},
        {"[127.0.0.1]x:1", false},
        {"", false},
        {":8080", false},
        {"localhost@evil.example", false},
        {"[::ffff:127.0.0.1]", false},
    };
    char endless[256];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(loopback_is_named(cases[i].authority, strlen(cases[i].authority)), cases[i].own, "%s",
                     cases[i].authority);
    memset(endless, '1', sizeof(endless));
    cr_expect_not(loopback_is_named(endless, sizeof(endless)));
    cr_expect_not(loopback_is_named("127.0.0.1\0.evil", 15));
}
