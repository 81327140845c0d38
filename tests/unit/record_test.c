/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness remembers, as text: what is written is read again, and what is broken is never taken for
 * something else. */
#include "services/witness/record.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static struct checkpoint checkpoint_of(const char *origin, uint64_t size)
{
    struct checkpoint checkpoint = {.size = size};

    (void)snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", origin);
    memset(checkpoint.root, (int)size, sizeof(checkpoint.root));
    return checkpoint;
}

Test(record, what_is_written_is_read)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct checkpoint a = checkpoint_of("a.test/log", 5), b = checkpoint_of("b.test/log", INT64_MAX);
    struct record record = {0}, again;
    const char *why;
    size_t line;

    cr_expect_null(record_find(&record, "a.test/log"));
    cr_assert_eq(record_set(&record, &a), 0);
    cr_assert_eq(record_set(&record, &b), 0);
    a.size = 6;
    cr_assert_eq(record_set(&record, &a), 0);
    cr_expect_eq(record.count, 2);
    record_append(&record, &text);
    cr_assert_eq(record_parse(text.data, text.length, &again, &line, &why), 0);
    cr_assert_eq(again.count, 2);
    cr_expect_eq(record_find(&again, "a.test/log")->size, 6);
    cr_expect_eq(memcmp(record_find(&again, "b.test/log")->root, b.root, 32), 0);
    cr_expect_eq(record_find(&again, "b.test/log")->size, INT64_MAX);
    cr_expect_null(record_find(&again, "b.test/lo"));
}

Test(record, any_number_of_logs_up_to_the_bound_fits)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(RECORD_TEXT_MAX);
    struct record record = {0}, again;
    char origin[NOTE_NAME_MAX];
    const char *why;
    size_t line;

    for (int i = 0; i <= ADD_LOGS_MAX; i++) {
        memset(origin, 'x', sizeof(origin) - 1);
        (void)snprintf(origin + sizeof(origin) - 4, 4, "%03d", i);
        const struct checkpoint checkpoint = checkpoint_of(origin, INT64_MAX);
        cr_expect_eq(record_set(&record, &checkpoint), i < ADD_LOGS_MAX ? 0 : -ENOBUFS);
    }
    record_append(&record, &text);
    cr_assert_not(buffer_failed(&text));
    cr_assert_eq(record_parse(text.data, text.length, &again, &line, &why), 0);
    cr_expect_eq(again.count, ADD_LOGS_MAX);
}

Test(record, what_is_broken_is_refused_with_its_line)
{
#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    static const struct {
        const char *text;
        size_t line;
        const char *why;
    } cases[] = {
        {"", 0, "empty"},
        {"\n", 1, "first line"},
        {"oxe-witness/1 0", 1, "cut off"},
        {"oxe-witness/2 0\n", 1, "first line"},
        {"oxe-witness/1 \n", 1, "first line"},
        {"oxe-witness/1 1\n", 1, "as many logs"},
        {"oxe-witness/1 0\n5 " ROOT " log\n", 2, "as many logs"},
        {"oxe-witness/1 2\n5 " ROOT " log\n", 2, "as many logs"},
        {"oxe-witness/1 1\n5 " ROOT " log", 2, "cut off"},
        {"oxe-witness/1 1\n05 " ROOT " log\n", 2, "size"},
        {"oxe-witness/1 1\n9223372036854775808 " ROOT " log\n", 2, "size"},
        {"oxe-witness/1 1\n5  " ROOT " log\n", 2, "hash"},
        {"oxe-witness/1 1\n5 AAAA log\n", 2, "hash"},
        {"oxe-witness/1 1\n5 " ROOT "\n", 2, "hash"},
        {"oxe-witness/1 1\n5 " ROOT " \n", 2, "name"},
        {"oxe-witness/1 1\n5 " ROOT " a log\n", 2, "name"},
        {"oxe-witness/1 1\n5 " ROOT " log\r\n", 2, "name"},
        {"oxe-witness/1 2\n5 " ROOT " log\n6 " ROOT " log\n", 3, "twice"},
        {"oxe-witness/1 1\n5 " ROOT " log\n\n", 3, "size"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t length = strlen(cases[i].text), line = 99;
        char *exact = malloc(length + 1);
        struct record record;
        const char *why = "";
        memcpy(exact, cases[i].text, length);
        cr_expect_eq(record_parse(exact, length, &record, &line, &why), -EBADMSG, "case %zu", i);
        cr_expect_eq(line, cases[i].line, "case %zu: line %zu", i, line);
        cr_expect_not_null(strstr(why, cases[i].why), "case %zu: %s", i, why);
        free(exact);
    }
}

Test(record, a_file_that_was_cut_anywhere_is_refused)
{
    static const char text[] = "oxe-witness/1 2\n5 " ROOT " a\n6 " ROOT " b\n";
    struct record record;
    const char *why;
    size_t line;

    cr_assert_eq(record_parse(text, strlen(text), &record, &line, &why), 0);
    for (size_t length = 0; length < strlen(text); length++)
        cr_expect_eq(record_parse(text, length, &record, &line, &why), -EBADMSG, "%zu bytes", length);
}
