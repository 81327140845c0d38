/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base64.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_append(struct buffer *out, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        size_t have = length - i < 3 ? length - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16 | (have > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (have > 2 ? (uint32_t)bytes[i + 2] : 0);
        buffer_append_char(out, alphabet[group >> 18]);
        buffer_append_char(out, alphabet[group >> 12 & 63]);
        buffer_append_char(out, have > 1 ? alphabet[group >> 6 & 63] : '=');
        buffer_append_char(out, have > 2 ? alphabet[group & 63] : '=');
    }
}

int base64_decode(const char *text, size_t length, uint8_t *ret_bytes, size_t max, size_t *ret_length)
{
    size_t padding =
        length == 0 ? 0 : (text[length - 1] == '=') + (size_t)(length > 1 && text[length - 2] == '=');
    size_t bytes = length / 4 * 3 - padding;
    size_t written = 0;

    if (length % 4 != 0)
        return -EBADMSG;
    if (bytes > max)
        return -ENOBUFS;
    for (size_t i = 0; i < length; i += 4) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 4; j++) {
            const char *found = j >= length - padding ? alphabet
                                : text[j] == '\0'     ? NULL
                                                      : strchr(alphabet, text[j]);
            if (found == NULL)
                return -EBADMSG;
            group = group << 6 | (uint32_t)(found - alphabet);
        }
        for (int shift = 16; shift >= 0; shift -= 8) {
            if (written < bytes)
                ret_bytes[written++] = (uint8_t)(group >> shift);
            else if ((group >> shift & 0xff) != 0)
                return -EBADMSG; /* bits that no byte has */
        }
    }
    *ret_length = bytes;
    return 0;
}
