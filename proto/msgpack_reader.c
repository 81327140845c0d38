/* SPDX-License-Identifier: Apache-2.0 */
/* The format: https://github.com/msgpack/msgpack/blob/master/spec.md */
#include "proto/msgpack_reader.h"

#include <errno.h>

enum {
    NIL = 0xc0,
    NEVER_USED = 0xc1,
    FALSE = 0xc2,
    TRUE = 0xc3,
    BIN_8 = 0xc4,
    BIN_16 = 0xc5,
    BIN_32 = 0xc6,
    EXT_8 = 0xc7,
    EXT_16 = 0xc8,
    EXT_32 = 0xc9,
    FLOAT_32 = 0xca,
    FLOAT_64 = 0xcb,
    UINT_8 = 0xcc,
    UINT_16 = 0xcd,
    UINT_32 = 0xce,
    UINT_64 = 0xcf,
    INT_8 = 0xd0,
    INT_16 = 0xd1,
    INT_32 = 0xd2,
    INT_64 = 0xd3,
    FIXEXT_1 = 0xd4,
    FIXEXT_16 = 0xd8,
    STR_8 = 0xd9,
    STR_16 = 0xda,
    STR_32 = 0xdb,
    ARRAY_16 = 0xdc,
    ARRAY_32 = 0xdd,
    MAP_16 = 0xde,
    MAP_32 = 0xdf,
};

static size_t left(const struct msgpack_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static int read_byte(struct msgpack_reader *reader, uint8_t *ret_byte)
{
    if (reader->at == reader->end)
        return -EBADMSG;
    *ret_byte = *reader->at++;
    return 0;
}

/* A big-endian number of `width` bytes. */
static int read_number(struct msgpack_reader *reader, size_t width, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (left(reader) < width)
        return -EBADMSG;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | reader->at[i];
    reader->at += width;
    *ret_value = value;
    return 0;
}

/* An integer as two's complement; *ret_negative says how to read it. */
static int read_integer(struct msgpack_reader *reader, uint64_t *ret_value, bool *ret_negative)
{
    uint8_t head;
    uint64_t value;
    int r = read_byte(reader, &head);

    if (r < 0)
        return r;
    *ret_negative = false;
    if (head <= 0x7f) {
        *ret_value = head;
        return 0;
    }
    if (head >= 0xe0) {
        *ret_value = (uint64_t)(int8_t)head;
        *ret_negative = true;
        return 0;
    }
    if (head < UINT_8 || head > INT_64)
        return -EBADMSG;
    size_t width = (size_t)1 << ((head - UINT_8) & 3);
    r = read_number(reader, width, &value);
    if (r < 0)
        return r;
    if (head >= INT_8) {
        unsigned int shift = 64 - 8 * (unsigned int)width;
        value = (uint64_t)((int64_t)(value << shift) >> shift);
        *ret_negative = (int64_t)value < 0;
    }
    *ret_value = value;
    return 0;
}

int msgpack_reader_u64(struct msgpack_reader *reader, uint64_t *ret_value)
{
    uint64_t value;
    bool negative;

    if (read_integer(reader, &value, &negative) < 0 || negative)
        return -EBADMSG;
    *ret_value = value;
    return 0;
}

int msgpack_reader_i64(struct msgpack_reader *reader, int64_t *ret_value)
{
    uint64_t value;
    bool negative;

    if (read_integer(reader, &value, &negative) < 0 || (!negative && value > INT64_MAX))
        return -EBADMSG;
    *ret_value = (int64_t)value;
    return 0;
}

int msgpack_reader_bool(struct msgpack_reader *reader, bool *ret_value)
{
    uint8_t head;

    if (read_byte(reader, &head) < 0 || (head != FALSE && head != TRUE))
        return -EBADMSG;
    *ret_value = head == TRUE;
    return 0;
}

/* `length` bytes of content. */
static int take(struct msgpack_reader *reader, uint64_t length, const uint8_t **ret_bytes)
{
    if (length > left(reader))
        return -EBADMSG;
    *ret_bytes = reader->at;
    reader->at += length;
    return 0;
}

int msgpack_reader_text(struct msgpack_reader *reader, const char **ret_text, size_t *ret_length)
{
    uint8_t head;
    uint64_t length = 0;
    const uint8_t *bytes;
    int r = read_byte(reader, &head);

    if (r == 0 && (head & 0xe0) == 0xa0)
        length = head & 0x1f;
    else if (r == 0 && head >= STR_8 && head <= STR_32)
        r = read_number(reader, (size_t)1 << (head - STR_8), &length);
    else
        r = -EBADMSG;
    if (r < 0 || take(reader, length, &bytes) < 0)
        return -EBADMSG;
    *ret_text = (const char *)bytes;
    *ret_length = (size_t)length;
    return 0;
}

int msgpack_reader_binary(struct msgpack_reader *reader, const uint8_t **ret_bytes, size_t *ret_length)
{
    uint8_t head;
    uint64_t length;

    if (read_byte(reader, &head) < 0 || head < BIN_8 || head > BIN_32)
        return -EBADMSG;
    if (read_number(reader, (size_t)1 << (head - BIN_8), &length) < 0 || take(reader, length, ret_bytes) < 0)
        return -EBADMSG;
    *ret_length = (size_t)length;
    return 0;
}

/* The head of an array or a map: `fix` with a count in its low four bits, or `wide` (16 bits), or `wide` + 1
 * (32 bits). */
static int read_count(struct msgpack_reader *reader, uint8_t fix, uint8_t wide, uint32_t *ret_count)
{
    uint8_t head;
    uint64_t count;

    if (read_byte(reader, &head) < 0)
        return -EBADMSG;
    if ((head & 0xf0) == fix) {
        *ret_count = head & 0x0f;
        return 0;
    }
    if (head != wide && head != wide + 1)
        return -EBADMSG;
    if (read_number(reader, head == wide ? 2 : 4, &count) < 0)
        return -EBADMSG;
    *ret_count = (uint32_t)count;
    return 0;
}

int msgpack_reader_array(struct msgpack_reader *reader, uint32_t *ret_count)
{
    return read_count(reader, 0x90, ARRAY_16, ret_count);
}

int msgpack_reader_map(struct msgpack_reader *reader, uint32_t *ret_count)
{
    return read_count(reader, 0x80, MAP_16, ret_count);
}

/* Passes over a value's head and content; *ret_values is how many values follow inside it. */
static int skip_one(struct msgpack_reader *reader, uint64_t *ret_values)
{
    uint8_t head;
    uint64_t length = 0;
    const uint8_t *bytes;
    int r = read_byte(reader, &head);

    if (r < 0)
        return r;
    *ret_values = 0;
    if (head <= 0x7f || head >= 0xe0 || head == NIL || head == FALSE || head == TRUE)
        return 0;
    if (head <= 0x8f || (head >= 0x90 && head <= 0x9f)) {
        *ret_values = head <= 0x8f ? 2 * (uint64_t)(head & 0x0f) : (uint64_t)(head & 0x0f);
        return 0;
    }
    if (head >= ARRAY_16) {
        r = read_number(reader, head == ARRAY_16 || head == MAP_16 ? 2 : 4, &length);
        *ret_values = head >= MAP_16 ? 2 * length : length;
        return r;
    }
    if ((head & 0xe0) == 0xa0)
        length = head & 0x1f;
    else if (head >= BIN_8 && head <= BIN_32)
        r = read_number(reader, (size_t)1 << (head - BIN_8), &length);
    else if (head >= STR_8 && head <= STR_32)
        r = read_number(reader, (size_t)1 << (head - STR_8), &length);
    else if (head >= EXT_8 && head <= EXT_32) {
        r = read_number(reader, (size_t)1 << (head - EXT_8), &length);
        length += 1; /* the extension's type */
    } else if (head == FLOAT_32 || head == FLOAT_64)
        length = head == FLOAT_32 ? 4 : 8;
    else if (head >= UINT_8 && head <= INT_64)
        length = (uint64_t)1 << ((head - UINT_8) & 3);
    else if (head >= FIXEXT_1 && head <= FIXEXT_16)
        length = 1 + ((uint64_t)1 << (head - FIXEXT_1));
    else
        r = -EBADMSG; /* NEVER_USED */
    return r < 0 ? r : take(reader, length, &bytes);
}

int msgpack_reader_skip(struct msgpack_reader *reader)
{
    uint64_t open[MSGPACK_READER_DEPTH_MAX + 1] = {1}; /* values still to come at each depth */
    size_t depth = 0;

    for (;;) {
        uint64_t values;

        while (open[depth] == 0) {
            if (depth-- == 0)
                return 0;
        }
        open[depth]--;
        int r = skip_one(reader, &values);
        if (r < 0)
            return r;
        if (values == 0)
            continue;
        if (depth == MSGPACK_READER_DEPTH_MAX)
            return -EBADMSG;
        open[++depth] = values;
    }
}
