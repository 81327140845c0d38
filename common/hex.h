/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal digits; buffer_append_hex writes them. */
#ifndef OXE_COMMON_HEX_H
#define OXE_COMMON_HEX_H

#include <stddef.h>
#include <stdint.h>

/* The value of a digit of either case; -1 for any other character. */
int hex_digit(char c);

/* Reads `count` bytes from the 2 * count digits at `text`, which are lower case as everything here writes
 * them. -EINVAL; *ret_bytes may then be half written. */
int hex_parse(const char *text, size_t count, uint8_t *ret_bytes);

#endif
