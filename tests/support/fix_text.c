/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fix_text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

size_t fix_text_raw(const char *text, char out[static FIX_TEXT_MAX])
{
    size_t length = strlen(text);
    assert(length < FIX_TEXT_MAX);
    for (size_t i = 0; i < length; i++)
        out[i] = text[i] == '|' ? '\x01' : text[i];
    return length;
}

size_t fix_text_build(const char *fields, char out[static FIX_TEXT_MAX])
{
    char text[FIX_TEXT_MAX];
    int head = snprintf(text, sizeof(text), "8=FIX.4.4|9=%zu|%s", strlen(fields), fields);
    assert(head > 0 && (size_t)head + 8 < sizeof(text));
    size_t length = fix_text_raw(text, out);
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)out[i];
    (void)snprintf(text, sizeof(text), "10=%03u|", sum & 0xff);
    char tail[FIX_TEXT_MAX];
    size_t tail_length = fix_text_raw(text, tail);
    memcpy(out + length, tail, tail_length);
    return length + tail_length;
}

void fix_text_show(const char *bytes, size_t length, char out[static FIX_TEXT_MAX])
{
    assert(length < FIX_TEXT_MAX);
    for (size_t i = 0; i < length; i++)
        out[i] = bytes[i] == '\x01' ? '|' : bytes[i];
    out[length] = '\0';
}
