/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of proto/ share: files of the source tree, and hexadecimal text. Failures are assertions of
 * the test. */
#ifndef OXE_TESTS_UNIT_PROTO_SUPPORT_H
#define OXE_TESTS_UNIT_PROTO_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"

/* Appends the file `path`, which counts from the root of the sources. */
static inline void support_read_file(const char *path, struct buffer *out)
{
    char full[4096], block[4096];

    (void)snprintf(full, sizeof(full), "%s/%s", OXE_SOURCE_ROOT, path);
    FILE *file = fopen(full, "r");
    cr_assert_not_null(file, "cannot open %s", full);
    for (size_t length; (length = fread(block, 1, sizeof(block), file)) > 0;)
        buffer_append(out, block, length);
    (void)fclose(file);
    cr_assert(!buffer_failed(out) && out->length > 0, "cannot read %s", full);
}

static inline int support_hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)(found - digits);
}

/* Appends the bytes that `text` writes in hexadecimal; blanks between bytes are passed over. */
static inline void support_append_hex(struct buffer *out, const char *text)
{
    while (*text != '\0') {
        if (*text == ' ' || *text == '\n') {
            text++;
            continue;
        }
        int high = support_hex_digit(text[0]), low = support_hex_digit(text[1]);
        cr_assert(high >= 0 && low >= 0, "not hexadecimal: %s", text);
        buffer_append_char(out, (char)(high << 4 | low));
        text += 2;
    }
}

/* Whether the part of `path` between the markers of `command` is exactly `expected`. */
static inline void support_expect_generated(const char *path, const char *command,
                                            const struct buffer *expected)
{
    struct buffer file = BUFFER_INIT(0);
    char marker[128];

    support_read_file(path, &file);
    (void)snprintf(marker, sizeof(marker), "<!-- begin: oxe-proto %s -->\n", command);
    const char *begin = strstr(file.data, marker);
    cr_assert_not_null(begin, "%s has no marker of %s", path, command);
    begin += strlen(marker);
    const char *end = strstr(begin, "<!-- end -->");
    cr_assert_not_null(end, "%s has no end marker", path);
    cr_expect(!buffer_failed(expected) && (size_t)(end - begin) == expected->length &&
                  memcmp(begin, expected->data, expected->length) == 0,
              "%s differs from the output of oxe-proto %s", path, command);
    buffer_release(&file);
}

#endif
