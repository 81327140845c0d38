/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/fix_text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* JSON's grammar, which decimal_parse reads, forbids leading zeros and a bare point: the digits are laid out
 * anew for it. */
int fix_text_decimal(struct fix_frame_span span, struct decimal *ret_value)
{
    char text[64];
    size_t at = 0, out = 0;
    bool digits = false;

    if (at < span.length && span.text[at] == '-')
        text[out++] = span.text[at++];
    while (at < span.length && span.text[at] == '0') {
        digits = true;
        at++;
    }
    if (span.length - at > sizeof text - 4)
        return -EINVAL;
    if (at == span.length || !is_digit(span.text[at]))
        text[out++] = '0';
    for (; at < span.length && is_digit(span.text[at]); at++) {
        text[out++] = span.text[at];
        digits = true;
    }
    if (at < span.length && span.text[at] == '.' && ++at < span.length) {
        text[out++] = '.';
        for (; at < span.length && is_digit(span.text[at]); at++) {
            text[out++] = span.text[at];
            digits = true;
        }
    }
    if (!digits || at != span.length)
        return -EINVAL;
    return decimal_parse(text, out, ret_value);
}

int fix_text_time(struct fix_frame_span span, struct instant *ret_instant)
{
    /* 20251017-12:01:05.123 becomes 2025-10-17T12:01:05.123Z. */
    char text[INSTANT_TEXT_MAX + 4];
    const char *from = span.text;

    if (span.length < 17 || span.length > 27 || from[8] != '-')
        return -EINVAL;
    memcpy(text, from, 4);
    text[4] = '-';
    memcpy(text + 5, from + 4, 2);
    text[7] = '-';
    memcpy(text + 8, from + 6, 2);
    text[10] = 'T';
    memcpy(text + 11, from + 9, span.length - 9);
    text[span.length + 2] = 'Z';
    return instant_parse(text, span.length + 3, ret_instant) < 0 ? -EINVAL : 0;
}

void fix_text_format_time(struct instant instant, char buffer[FIX_TEXT_TIME_MAX])
{
    char text[INSTANT_TEXT_MAX];

    (void)instant_format(instant, text);
    memcpy(buffer, text, 4);
    memcpy(buffer + 4, text + 5, 2);
    memcpy(buffer + 6, text + 8, 2);
    buffer[8] = '-';
    memcpy(buffer + 9, text + 11, 12);
    buffer[21] = '\0';
}

void fix_text_copy(struct fix_frame_span span, char *buffer, size_t size)
{
    size_t length = span.length < size ? span.length : size - 1;

    assert(size > 0);
    for (size_t i = 0; i < length; i++)
        buffer[i] = span.text[i] < ' ' || span.text[i] > '~' ? '?' : span.text[i];
    buffer[length] = '\0';
}
