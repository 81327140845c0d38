/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a bound: see buffer.h. */
#include "common/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

enum { CAPACITY_MIN = 256 };

/* Makes room for `more` bytes and the NUL. */
static bool reserve(struct buffer *buffer, size_t more)
{
    size_t length_max = buffer->length_max == 0 ? BUFFER_LENGTH_MAX : buffer->length_max;

    if (buffer->error != 0)
        return false;
    if (buffer->length > length_max || more > length_max - buffer->length) {
        buffer->error = -ENOBUFS;
        return false;
    }
    size_t needed = buffer->length + more + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity < CAPACITY_MIN ? CAPACITY_MIN : buffer->capacity;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->error = -ENOMEM;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (!reserve(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

void buffer_append_i64(struct buffer *buffer, int64_t value)
{
    char text[24];
    char *cursor = text + sizeof(text);
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--cursor = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (value < 0)
        *--cursor = '-';
    buffer_append(buffer, cursor, (size_t)(text + sizeof(text) - cursor));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    if (reserve(buffer, (size_t)length)) {
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

static void append_json_control(struct buffer *buffer, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";

    switch (c) {
    case '\n':
        buffer_append(buffer, "\\n", 2);
        break;
    case '\r':
        buffer_append(buffer, "\\r", 2);
        break;
    case '\t':
        buffer_append(buffer, "\\t", 2);
        break;
    default:
        buffer_append(buffer, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 0x0f]}, 6);
    }
}

void buffer_append_json_text(struct buffer *buffer, const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t plain = 0; /* start of the run that is copied as it is */

    if (text == NULL) {
        buffer_append(buffer, "null", 4);
        return;
    }
    buffer_append_char(buffer, '"');
    for (size_t i = 0; i < length;) {
        size_t sequence = utf8_sequence(bytes + i, length - i);
        if (sequence > 0 && bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\') {
            i += sequence;
            continue;
        }
        buffer_append(buffer, bytes + plain, i - plain);
        if (sequence == 0)
            buffer_append(buffer, "\xef\xbf\xbd", 3);
        else if (bytes[i] < 0x20)
            append_json_control(buffer, bytes[i]);
        else
            buffer_append(buffer, (char[]){'\\', (char)bytes[i]}, 2);
        plain = ++i;
    }
    buffer_append(buffer, bytes + plain, length - plain);
    buffer_append_char(buffer, '"');
}

void buffer_append_hex(struct buffer *buffer, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    if (length > BUFFER_LENGTH_MAX / 2) {
        if (buffer->error == 0)
            buffer->error = -ENOBUFS;
        return;
    }
    if (!reserve(buffer, 2 * length))
        return;
    char *cursor = buffer->data + buffer->length;
    for (size_t i = 0; i < length; i++) {
        *cursor++ = digits[bytes[i] >> 4];
        *cursor++ = digits[bytes[i] & 0x0f];
    }
    *cursor = '\0';
    buffer->length += 2 * length;
}

size_t buffer_receive(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *buffer = context;

    buffer_append(buffer, bytes, size * count);
    return buffer_failed(buffer) ? 0 : size * count;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->error = 0;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
    buffer->error = 0;
}
