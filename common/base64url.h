/* SPDX-License-Identifier: Apache-2.0 */
/* Whether text is base64url without padding (RFC 4648 section 5) that can be decoded.
 *
 * libcjose asserts on some text that is not (a '=' within, a length that no bytes have), so whatever comes
 * from outside is checked first. */
#ifndef OXE_COMMON_BASE64URL_H
#define OXE_COMMON_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Empty text is not base64url. */
static inline bool base64url_is_valid(const char *text, size_t length)
{
    if (length == 0 || length % 4 == 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '_')
            return false;
    }
    return true;
}

#endif
