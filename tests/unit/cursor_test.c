/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors: opaque, and of one list with its filters only. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/operations/cursor.h"

static struct uuid id(const char *text)
{
    struct uuid parsed;
    cr_assert_eq(uuid_parse(text, strlen(text), &parsed), 0);
    return parsed;
}

Test(cursor, comes_back_as_it_went)
{
    static const char *const ids[] = {"0199f0a5-7d0c-7000-8000-000000000001",
                                      "00000000-0000-0000-0000-000000000000",
                                      "ffffffff-ffff-ffff-ffff-ffffffffffff"};

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char text[CURSOR_TEXT_MAX];
        struct uuid back;
        cursor_format(id(ids[i]), "orders;status=FILLED", text);
        cr_expect_eq(strlen(text), (size_t)CURSOR_TEXT_MAX - 1);
        cr_expect_eq(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     strlen(text));
        cr_assert_eq(cursor_parse(text, strlen(text), "orders;status=FILLED", &back), 0, "%s", ids[i]);
        cr_expect_eq(uuid_compare(back, id(ids[i])), 0, "%s", ids[i]);
    }
}

Test(cursor, belongs_to_its_filters)
{
    char text[CURSOR_TEXT_MAX];
    struct uuid back;

    cursor_format(id("0199f0a5-7d0c-7000-8000-000000000001"), "orders;status=FILLED", text);
    cr_expect_eq(cursor_parse(text, strlen(text), "orders;status=OPEN", &back), -EINVAL);
    cr_expect_eq(cursor_parse(text, strlen(text), "", &back), -EINVAL);
}

Test(cursor, one_changed_character_is_noticed)
{
    char text[CURSOR_TEXT_MAX];
    struct uuid back;

    cursor_format(id("0199f0a5-7d0c-7000-8000-000000000001"), "orders", text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        cr_expect_eq(cursor_parse(text, strlen(text), "orders", &back), -EINVAL, "character %zu", i);
        text[i] = kept;
    }
}

Test(cursor, garbage_is_refused)
{
    static const char *const texts[] = {"",
                                        "A",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "AAAA AAAA AAAA AAAA AAAA AAA",
                                        "null",
                                        "0199f0a5-7d0c-7000-8000-000000000001",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    struct uuid back = {{7}};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        cr_expect_eq(cursor_parse(texts[i], strlen(texts[i]), "orders", &back), -EINVAL, "%s", texts[i]);
    cr_expect_eq(cursor_parse("AAAAAAAAAAAAAAA\0AAAAAAAAAAAA", 28, "orders", &back), -EINVAL);
    cr_expect_eq(back.bytes[0], 7, "the result is untouched");
}

Test(cursor, holds_a_number_as_well)
{
    static const int64_t numbers[] = {0, 1, 255, 256, INT64_C(0x0102030405060708), INT64_MAX};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char text[CURSOR_TEXT_MAX];
        int64_t back = -1;
        cursor_format_number(numbers[i], "audit", text);
        cr_assert_eq(cursor_parse_number(text, strlen(text), "audit", &back), 0);
        cr_expect_eq(back, numbers[i]);
        cr_expect_eq(cursor_parse_number(text, strlen(text), "orders", &back), -EINVAL);
    }
}

Test(cursor, of_an_id_is_no_number)
{
    char text[CURSOR_TEXT_MAX];
    int64_t back = 7;

    cursor_format(id("ffffffff-ffff-ffff-ffff-ffffffffffff"), "audit", text);
    cr_expect_eq(cursor_parse_number(text, strlen(text), "audit", &back), -EINVAL);
    cr_expect_eq(back, 7, "the result is untouched");
}
