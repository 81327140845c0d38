/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/cursor.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "common/hash.h"

enum {
    VERSION = 1,
    CHECK_BYTES = 4,
    BYTES = 1 + 16 + CHECK_BYTES, /* a multiple of 3: base64 without padding */
    TEXT = BYTES / 3 * 4,
};

_Static_assert(BYTES % 3 == 0 && TEXT + 1 == CURSOR_TEXT_MAX, "a cursor has no padding");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void write_check(const char *scope, uint8_t bytes[static BYTES])
{
    uint64_t hash = hash_bytes(HASH_START, bytes, BYTES - CHECK_BYTES);

    hash = hash_bytes(hash, scope, strlen(scope));
    hash = htobe64(hash);
    memcpy(bytes + BYTES - CHECK_BYTES, &hash, CHECK_BYTES);
}

void cursor_format(struct uuid last_id, const char *scope, char ret_text[static CURSOR_TEXT_MAX])
{
    uint8_t bytes[BYTES] = {VERSION};

    memcpy(bytes + 1, last_id.bytes, sizeof(last_id.bytes));
    write_check(scope, bytes);
    for (size_t i = 0; i < BYTES; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (size_t j = 0; j < 4; j++)
            ret_text[i / 3 * 4 + j] = alphabet[group >> (18 - 6 * j) & 63];
    }
    ret_text[TEXT] = '\0';
}

int cursor_parse(const char *text, size_t length, const char *scope, struct uuid *ret_last_id)
{
    uint8_t bytes[BYTES], expected[BYTES];
    struct uuid id;

    if (length != TEXT)
        return -EINVAL;
    for (size_t i = 0; i < TEXT; i += 4) {
        uint32_t group = 0;
        for (size_t j = 0; j < 4; j++) {
            const char *at = text[i + j] == '\0' ? NULL : strchr(alphabet, text[i + j]);
            if (at == NULL)
                return -EINVAL;
            group = group << 6 | (uint32_t)(at - alphabet);
        }
        bytes[i / 4 * 3] = (uint8_t)(group >> 16);
        bytes[i / 4 * 3 + 1] = (uint8_t)(group >> 8);
        bytes[i / 4 * 3 + 2] = (uint8_t)group;
    }
    memcpy(expected, bytes, sizeof(expected));
    write_check(scope, expected);
    if (bytes[0] != VERSION || memcmp(bytes, expected, BYTES) != 0)
        return -EINVAL;
    memcpy(id.bytes, bytes + 1, sizeof(id.bytes));
    *ret_last_id = id;
    return 0;
}

void cursor_format_number(int64_t last, const char *scope, char ret_text[static CURSOR_TEXT_MAX])
{
    struct uuid id = {{0}};
    uint64_t number = htobe64((uint64_t)last);

    memcpy(id.bytes, &number, sizeof(number));
    cursor_format(id, scope, ret_text);
}

int cursor_parse_number(const char *text, size_t length, const char *scope, int64_t *ret_last)
{
    struct uuid id;
    uint64_t last;

    int r = cursor_parse(text, length, scope, &id);
    if (r < 0)
        return r;
    memcpy(&last, id.bytes, sizeof(last));
    last = be64toh(last);
    if (last > INT64_MAX)
        return -EINVAL;
    *ret_last = (int64_t)last;
    return 0;
}
