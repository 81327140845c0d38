/* SPDX-License-Identifier: Apache-2.0 */
/* FIX messages for tests, written with bars for separators. */
#ifndef OXE_TESTS_SUPPORT_FIX_TEXT_H
#define OXE_TESTS_SUPPORT_FIX_TEXT_H

#include <stddef.h>

enum { FIX_TEXT_MAX = 4096 };

/* "35=D|34=2|…|" to a whole message with BeginString, BodyLength and CheckSum. Returns its length. */
size_t fix_text_build(const char *fields, char out[static FIX_TEXT_MAX]);

/* Bars become separators, nothing is added. Returns the length. */
size_t fix_text_raw(const char *text, char out[static FIX_TEXT_MAX]);

/* Separators become bars; NUL-terminated. */
void fix_text_show(const char *bytes, size_t length, char out[static FIX_TEXT_MAX]);

#endif
