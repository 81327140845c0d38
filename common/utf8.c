/* SPDX-License-Identifier: Apache-2.0 */
#include "common/utf8.h"

#include <string.h>

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_sequence(const uint8_t *bytes, size_t left)
{
    uint8_t lead = bytes[0];

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    if (lead < 0xe0)
        return left >= 2 && is_continuation(bytes[1]) ? 2 : 0;
    /* The second byte's range keeps out overlong forms, surrogates and what lies past U+10FFFF. */
    uint8_t second_min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t second_max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t length = lead < 0xf0 ? 3 : 4;
    if (left < length || bytes[1] < second_min || bytes[1] > second_max)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(bytes[i]))
            return 0;
    }
    return length;
}

bool utf8_is_text(const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;

    for (size_t i = 0; i < length;) {
        size_t sequence = utf8_sequence(bytes + i, length - i);
        if (sequence == 0 || bytes[i] == 0)
            return false;
        i += sequence;
    }
    return true;
}

void utf8_copy(char *target, size_t max, const char *text, size_t length)
{
    if (length > max - 1) {
        length = max - 1;
        while (length > 0 && is_continuation((uint8_t)text[length]))
            length--;
    }
    if (length > 0)
        memcpy(target, text, length);
    target[length] = '\0';
}
