/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes may stand in a text of OXE: well-formed UTF-8 (Unicode 15, table 3-7) without NUL. */
#ifndef OXE_PROTO_UTF8_H
#define OXE_PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_is_text(const char *bytes, size_t length);

#endif
