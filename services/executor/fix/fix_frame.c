/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/fix_frame.h"

#include <errno.h>
#include <string.h>

enum {
    SOH = 1,
    CHECKSUM_FIELD = 7, /* "10=123" and SOH */
    LENGTH_DIGITS_MAX = 7,
};

static const char begin[] = "8=FIX.4.4\0019=";

/* Reads the digits up to SOH. */
static int body_length(const char *text, const char *end, size_t *ret_body, const char **ret_after)
{
    size_t body = 0;
    int digits = 0;

    while (text < end && fix_frame_is_digit(*text) && digits <= LENGTH_DIGITS_MAX) {
        body = body * 10 + (size_t)(*text++ - '0');
        digits++;
    }
    if (text == end && digits <= LENGTH_DIGITS_MAX)
        return -EAGAIN;
    if (digits == 0 || digits > LENGTH_DIGITS_MAX || *text != SOH || body > FIX_FRAME_MESSAGE_MAX)
        return -EBADMSG;
    *ret_body = body;
    *ret_after = text + 1;
    return 0;
}

static bool checksum_holds(const char *start, const char *trailer)
{
    unsigned sum = 0;

    if (memcmp(trailer, "10=", 3) != 0 || trailer[6] != SOH)
        return false;
    if (!fix_frame_is_digit(trailer[3]) || !fix_frame_is_digit(trailer[4]) || !fix_frame_is_digit(trailer[5]))
        return false;
    for (const char *c = start; c < trailer; c++)
        sum += (unsigned char)*c;
    return sum % 256 == (unsigned)(trailer[3] - '0') * 100 + (unsigned)(trailer[4] - '0') * 10 +
                            (unsigned)(trailer[5] - '0');
}

/* Where a message may begin: "8=" at the start of the bytes or behind anything. */
static size_t find_begin(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '8' && (i + 1 == length || bytes[i + 1] == '='))
            return i;
    return length;
}

int fix_frame_find(const char *bytes, size_t length, size_t *ret_start, size_t *ret_end)
{
    const char *after, *end = bytes + length;
    size_t body, start = find_begin(bytes, length), known = length - start;
    int r;

    *ret_start = start;
    *ret_end = start + 2; /* behind this "8=", should it prove false */
    if (known < sizeof begin - 1)
        return memcmp(bytes + start, begin, known) == 0 ? -EAGAIN : -EBADMSG;
    if (memcmp(bytes + start, begin, sizeof begin - 1) != 0)
        return -EBADMSG;
    r = body_length(bytes + start + sizeof begin - 1, end, &body, &after);
    if (r < 0)
        return r;
    if ((size_t)(end - after) < body + CHECKSUM_FIELD)
        return -EAGAIN;
    if (!checksum_holds(bytes + start, after + body))
        return -EBADMSG;
    *ret_end = (size_t)(after - bytes) + body + CHECKSUM_FIELD;
    return 0;
}

/* Values that may hold SOH follow a field that gives their length. */
static int data_tag_of(int length_tag)
{
    switch (length_tag) {
#define FIX_DATA(length, data)                                                                               \
    case length:                                                                                             \
        return data;
#include "proto/fix_data.def"
    default:
        return 0;
    }
}

static bool read_tag(const char **cursor, const char *end, int *ret_tag)
{
    const char *c = *cursor;
    int tag = 0, digits = 0;

    for (; c < end && fix_frame_is_digit(*c); c++) {
        if (++digits > 8)
            return false;
        tag = tag * 10 + (*c - '0');
    }
    if (digits == 0 || c == end || *c != '=')
        return false;
    *cursor = c + 1;
    *ret_tag = tag;
    return true;
}

/* Steps over the data field whose length was just read, so that a SOH inside it begins no field. */
static void skip_data(const char **cursor, const char *end, int data_tag, struct fix_frame_span count)
{
    const char *c = *cursor;
    uint64_t size;
    int tag;

    if (fix_frame_number(count, &size) < 0 || !read_tag(&c, end, &tag) || tag != data_tag)
        return;
    if (size >= (uint64_t)(end - c) || c[size] != SOH)
        return;
    *cursor = c + size + 1;
}

bool fix_frame_next(const char **cursor, const char *end, struct fix_frame_field *ret_field)
{
    const char *value = *cursor, *close;
    int tag, data_tag;

    if (!read_tag(&value, end, &tag))
        return false;
    close = memchr(value, SOH, (size_t)(end - value));
    if (!close)
        return false;
    ret_field->tag = tag;
    ret_field->value = (struct fix_frame_span){value, (size_t)(close - value)};
    *cursor = close + 1;
    data_tag = data_tag_of(tag);
    if (data_tag)
        skip_data(cursor, end, data_tag, ret_field->value);
    return true;
}

int fix_frame_read(const char *bytes, size_t length, struct fix_frame_message *ret_message)
{
    static const enum fix_tag required[] = {FIX_MSG_TYPE, FIX_SENDER_COMP_ID, FIX_TARGET_COMP_ID,
                                            FIX_SENDING_TIME};
    struct fix_frame_span *field = ret_message->field;
    struct fix_frame_field next;
    const char *cursor = bytes;

    *ret_message = (struct fix_frame_message){.bytes = bytes, .length = length};
    while (fix_frame_next(&cursor, bytes + length, &next))
        if (next.tag <= FIX_FRAME_TAG_MAX && !field[next.tag].text)
            field[next.tag] = next.value;
    ret_message->code = fix_frame_code(field[FIX_MSG_TYPE]);
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (field[required[i]].length == 0)
            return -EBADMSG;
    if (field[FIX_MSG_TYPE].length >= FIX_FRAME_TYPE_MAX ||
        fix_frame_number(field[FIX_MSG_SEQ_NUM], &ret_message->seq) < 0)
        return -EBADMSG;
    return ret_message->seq > 0 && ret_message->seq <= FIX_FRAME_SEQ_MAX ? 0 : -EBADMSG;
}

bool fix_frame_flag(const struct fix_frame_message *message, enum fix_tag tag)
{
    return fix_frame_code(message->field[tag]) == FIX_FLAG_YES;
}

bool fix_frame_is(struct fix_frame_span span, const char *text)
{
    return span.text && span.length == strlen(text) && memcmp(span.text, text, span.length) == 0;
}

char fix_frame_code(struct fix_frame_span span)
{
    return span.length == 1 ? span.text[0] : '\0';
}

int fix_frame_number(struct fix_frame_span span, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (span.length == 0 || span.length > 18)
        return -EINVAL;
    for (size_t i = 0; i < span.length; i++) {
        if (!fix_frame_is_digit(span.text[i]))
            return -EINVAL;
        number = number * 10 + (uint64_t)(span.text[i] - '0');
    }
    *ret_number = number;
    return 0;
}
