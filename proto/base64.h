/* SPDX-License-Identifier: Apache-2.0 */
/* Base 64 (RFC 4648 section 4) with padding, and only as it is written: no blanks, no spare bits. */
#ifndef OXE_PROTO_BASE64_H
#define OXE_PROTO_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Text length, without NUL, of so many bytes. */
#define BASE64_LENGTH(bytes) (((size_t)(bytes) + 2) / 3 * 4)

void base64_append(struct buffer *out, const uint8_t *bytes, size_t length);
/* -EBADMSG: it is not base64; -ENOBUFS: more than max bytes. */
int base64_decode(const char *text, size_t length, uint8_t *ret_bytes, size_t max, size_t *ret_length);

#endif
