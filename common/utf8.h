/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as texts of OXE hold it: well-formed (Unicode 15, table 3-7). */
#ifndef OXE_COMMON_UTF8_H
#define OXE_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the well-formed sequence at `bytes`, of which `left` are there and at least one; 0 when it is
 * ill-formed. */
size_t utf8_sequence(const uint8_t *bytes, size_t left);

/* Well-formed, and without NUL. */
bool utf8_is_text(const char *bytes, size_t length);

/* Copies as much of the text as fits into target[max] with a NUL, never half of a sequence. */
void utf8_copy(char *target, size_t max, const char *text, size_t length);

#endif
