/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/fix_text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* JSON's grammar, which decimal_parse reads, forbids leading zeros and a bare point: they are left out, or
 * get their zero. */
int fix_text_decimal(struct fix_frame_span span, struct decimal *ret_value)
{
    char text[64];
    size_t at = 0, out = 0, end = span.length;

    if (end > 1 && fix_frame_is_digit(span.text[end - 2]) &&
        memchr(span.text, '.', end) == &span.text[end - 1])
        end--;
    if (at < end && span.text[at] == '-')
        text[out++] = span.text[at++];
    while (at + 1 < end && span.text[at] == '0' && fix_frame_is_digit(span.text[at + 1]))
        at++;
    if (at < end && span.text[at] == '.')
        text[out++] = '0';
    if (end - at > sizeof text - out)
        return -EINVAL;
    for (; at < end; at++) {
        if (!fix_frame_is_digit(span.text[at]) && span.text[at] != '.')
            return -EINVAL;
        text[out++] = span.text[at];
    }
    return decimal_parse(text, out, ret_value);
}

int fix_text_time(struct fix_frame_span span, struct instant *ret_instant)
{
    /* 20251017-12:01:05.123 becomes 2025-10-17T12:01:05.123Z. */
    char text[INSTANT_TEXT_MAX + 4];
    const char *from = span.text;

    if (span.length < 17 || span.length > 27 || from[8] != '-' || memchr(from, '\0', span.length) != NULL)
        return -EINVAL;
    int length = snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.*sZ", from, from + 4, from + 6,
                          (int)span.length - 9, from + 9);
    return instant_parse(text, (size_t)length, ret_instant) < 0 ? -EINVAL : 0;
}

void fix_text_format_time(struct instant instant, char buffer[FIX_TEXT_TIME_MAX])
{
    char text[INSTANT_TEXT_MAX];

    (void)instant_format(instant, text);
    (void)snprintf(buffer, FIX_TEXT_TIME_MAX, "%.4s%.2s%.2s-%.12s", text, text + 5, text + 8, text + 11);
}

void fix_text_copy(struct fix_frame_span span, char *buffer, size_t size)
{
    size_t length = span.length < size ? span.length : size - 1;

    assert(size > 0);
    for (size_t i = 0; i < length; i++)
        buffer[i] = span.text[i] < ' ' || span.text[i] > '~' ? '?' : span.text[i];
    buffer[length] = '\0';
}
