/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs: see uuid.h. */
#include "common/uuid.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "common/hash.h"
#include "common/hex.h"

struct uuid uuid_next(struct uuid_source *source, struct instant now)
{
    uint64_t us = now.us < 0 ? 0 : (uint64_t)now.us;
    uint64_t time = (us / 1000) << 12 | (us % 1000) * 4096 / 1000;
    struct uuid id;

    if (time <= source->last)
        time = source->last + 1;
    source->last = time;

    /* The kernel serves small requests whole once it is seeded; without randomness no id may be made. */
    ssize_t drawn = getrandom(id.bytes + 8, 8, 0);
    assert(drawn == 8);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(time >> (52 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | (time >> 8 & 0x0f));
    id.bytes[7] = (uint8_t)time;
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

static bool hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_format(struct uuid id, char buffer[static UUID_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    char *cursor = buffer;

    for (size_t i = 0; i < sizeof(id.bytes); i++) {
        if (hyphen_before(i))
            *cursor++ = '-';
        *cursor++ = digits[id.bytes[i] >> 4];
        *cursor++ = digits[id.bytes[i] & 0x0f];
    }
    *cursor = '\0';
}

int uuid_parse(const char *text, size_t length, struct uuid *ret_id)
{
    struct uuid id;

    if (length != UUID_TEXT_MAX - 1)
        return -EINVAL;
    for (size_t i = 0; i < sizeof(id.bytes); i++) {
        if (hyphen_before(i) && *text++ != '-')
            return -EINVAL;
        int high = hex_digit(text[0]);
        int low = hex_digit(text[1]);
        if (high < 0 || low < 0)
            return -EINVAL;
        id.bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *ret_id = id;
    return 0;
}

int uuid_compare(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof(a.bytes));
}

bool uuid_is_nil(struct uuid id)
{
    static const struct uuid nil;

    return uuid_compare(id, nil) == 0;
}

uint64_t uuid_hash(struct uuid id)
{
    return hash_bytes(HASH_START, id.bytes, sizeof(id.bytes));
}
