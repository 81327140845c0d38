/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hex.h"

#include <errno.h>

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int hex_parse(const char *text, size_t count, uint8_t *ret_bytes)
{
    for (size_t i = 0; i < count; i++, text += 2) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || (text[0] >= 'A' && text[0] <= 'F') || (text[1] >= 'A' && text[1] <= 'F'))
            return -EINVAL;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}
