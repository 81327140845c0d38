/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two books, and nothing else, in whatever order they came. */
#include "services/oxectl/books.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

/* "key=value", "?key=value" for a line that the other book may lack. */
static void fill(struct book *book, const char *text)
{
    char copy[256], *rest = copy;

    (void)snprintf(copy, sizeof(copy), "%s", text);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        bool may_lack = word[0] == '?';
        char *value = strchr(word, '=');
        *value++ = '\0';
        cr_assert_eq(book_add(book, word + may_lack, value, may_lack), 0);
    }
}

static int tell(void *context, const char *key, const char *theirs, const char *ours)
{
    char *said = context;

    (void)sprintf(said + strlen(said), "%s:%s/%s ", key, theirs == NULL ? "-" : theirs,
                  ours == NULL ? "-" : ours);
    return 0;
}

Test(books, each_difference_is_told_with_both_sides)
{
    static const struct {
        const char *theirs, *ours, *told;
    } cases[] = {
        {"", "", ""},
        {"a=1", "a=1", ""},
        {"b=2 a=1 c=3", "c=3 b=2 a=1", ""},
        {"a=1", "", "a:1/- "},
        {"", "a=1", "a:-/1 "},
        {"a=1", "a=2", "a:1/2 "},
        {"a=1 b=1", "b=1 c=1", "a:1/- c:-/1 "},
        {"c=1 a=1", "b=1", "a:1/- b:-/1 c:1/- "},
        /* twice here, once there */
        {"a=1 a=1", "a=1", "a:1/- "},
        {"a=1", "a=1 a=1", "a:-/1 "},
        {"a=2 a=1", "a=1 a=2", ""},
        {"a=1 a=3", "a=1 a=2", "a:3/2 "},
        /* what need not be in the other */
        {"", "?a=1", ""},
        {"?a=1", "", ""},
        {"a=1", "?a=1", ""},
        {"a=1", "?a=2", "a:1/2 "},
        {"a=1 b=1", "?c=1", "a:1/- b:1/- "},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(book_release) struct book theirs = {0}, ours = {0};
        char said[512] = "";
        fill(&theirs, cases[i].theirs);
        fill(&ours, cases[i].ours);
        cr_assert_eq(books_compare(&theirs, &ours, tell, said), 0);
        cr_expect_str_eq(said, cases[i].told, "%s | %s: %s", cases[i].theirs, cases[i].ours, said);
    }
}

static int refuse(void *context, const char *key, const char *theirs, const char *ours)
{
    (void)key, (void)theirs, (void)ours;
    ++*(int *)context;
    return -7;
}

Test(books, what_is_told_can_end_it)
{
    CLEANUP(book_release) struct book theirs = {0}, ours = {0};
    int calls = 0;

    fill(&theirs, "a=1 b=2");
    cr_expect_eq(books_compare(&theirs, &ours, refuse, &calls), -7);
    cr_expect_eq(calls, 1);
}

Test(books, a_key_is_found_among_many)
{
    CLEANUP(book_release) struct book theirs = {0}, ours = {0};
    char key[16], said[8] = "";

    for (int i = 0; i < 3000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i * 7919 % 3000);
        cr_assert_eq(book_add(&theirs, key, "v", false), 0);
        cr_assert_eq(book_add(&ours, key, "v", false), 0);
    }
    cr_expect_not(book_has(&(struct book){0}, "k1"));
    cr_assert_eq(books_compare(&theirs, &ours, tell, said), 0);
    cr_expect(book_has(&theirs, "k0") && book_has(&theirs, "k2999") && book_has(&ours, "k1500"));
    cr_expect_not(book_has(&theirs, "k3000"));
}
