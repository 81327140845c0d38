/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded buffer and its JSON text. */
#include "common/buffer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

Test(buffer, appends_build_a_text_that_ends_with_nul)
{
    CLEANUP(buffer_release) struct buffer buffer = BUFFER_INIT(0);

    buffer_append_text(&buffer, "ab");
    buffer_append_char(&buffer, 'c');
    buffer_append_format(&buffer, "%d-%s", 42, "x");
    buffer_append_i64(&buffer, INT64_MIN);
    buffer_append_i64(&buffer, 0);
    buffer_append_hex(&buffer, (const uint8_t[]){0x00, 0xaf}, 2);
    buffer_append(&buffer, NULL, 0);
    cr_expect_not(buffer_failed(&buffer));
    cr_expect_str_eq(buffer.data, "abc42-x-9223372036854775808000af");
    cr_expect_eq(buffer.length, strlen(buffer.data));
}

Test(buffer, the_bound_is_inclusive_and_a_failure_sticks)
{
    CLEANUP(buffer_release) struct buffer buffer = BUFFER_INIT(4);

    buffer_append(&buffer, "abcd", 4);
    cr_expect_not(buffer_failed(&buffer));
    buffer_append_char(&buffer, 'e');
    cr_expect_eq(buffer.error, -ENOBUFS);
    cr_expect_str_eq(buffer.data, "abcd");
    buffer_append(&buffer, "", 0);
    cr_expect(buffer_failed(&buffer));
    buffer_clear(&buffer);
    cr_expect_not(buffer_failed(&buffer));
    cr_expect_eq(buffer.length, 0);
    buffer_append(&buffer, "ab", 2);
    cr_expect_str_eq(buffer.data, "ab");
}

Test(buffer, each_kind_of_append_keeps_the_bound)
{
    CLEANUP(buffer_release) struct buffer buffer = BUFFER_INIT(5);

    buffer_append_format(&buffer, "%s", "123456");
    cr_expect_eq(buffer.error, -ENOBUFS);
    buffer_clear(&buffer);
    buffer_append_hex(&buffer, (const uint8_t *)"abc", 3);
    cr_expect_eq(buffer.error, -ENOBUFS);
    buffer_clear(&buffer);
    buffer_append_json_text(&buffer, "abcd", 4);
    cr_expect_eq(buffer.error, -ENOBUFS);
    buffer_clear(&buffer);
    buffer_append_hex(&buffer, (const uint8_t *)"abc", SIZE_MAX);
    cr_expect_eq(buffer.error, -ENOBUFS);
    cr_expect_eq(buffer.length, 0);
}

Test(buffer, many_small_appends_grow_it)
{
    CLEANUP(buffer_release) struct buffer buffer = BUFFER_INIT(0);

    for (int i = 0; i < 100000; i++)
        buffer_append_char(&buffer, (char)('a' + i % 26));
    cr_assert_not(buffer_failed(&buffer));
    cr_expect_eq(buffer.length, 100000);
    cr_expect_eq(buffer.data[99999], 'a' + 99999 % 26);
    cr_expect_eq(buffer.data[100000], '\0');
}

Test(buffer, a_released_buffer_is_empty_and_usable)
{
    struct buffer buffer = BUFFER_INIT(8);

    buffer_append_text(&buffer, "abc");
    buffer_release(&buffer);
    cr_expect_null(buffer.data);
    cr_expect_eq(buffer.length, 0);
    buffer_append_text(&buffer, "123456789");
    cr_expect_eq(buffer.error, -ENOBUFS, "the bound outlives the memory");
    buffer_release(&buffer);
}

Test(buffer, json_text_is_escaped_and_always_utf8)
{
    static const struct {
        const char *text;
        size_t length;
        const char *json;
    } cases[] = {
        {NULL, 0, "null"},
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\n\r\t\b\x1f\0", 6, "\"\\n\\r\\t\\u0008\\u001f\\u0000\""},
        {"\x7f", 1, "\"\x7f\""},
        {"äö€😀", 11, "\"äö€😀\""},
        {"\x80", 1, "\"\xef\xbf\xbd\""},
        {"a\xff"
         "b",
         3,
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 /* overlong */
        {"\xe0\x80\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* surrogate */
        {"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* past U+10FFFF */
        {"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 /* cut off */
        {"\xed\x9f\xbf\xee\x80\x80", 6, "\"\xed\x9f\xbf\xee\x80\x80\""}, /* around the surrogates */
        {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer buffer = BUFFER_INIT(0);
        buffer_append_json_text(&buffer, cases[i].text, cases[i].length);
        cr_expect_str_eq(buffer.data, cases[i].json, "case %zu is %s", i, buffer.data);
    }
}
