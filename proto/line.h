/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a text whose lines all end with LF. Pure. */
#ifndef OXE_PROTO_LINE_H
#define OXE_PROTO_LINE_H

#include <stddef.h>

/* What the line at *at has behind the word that it must begin with, without its LF; moves *at to the next
 * line. NULL: there is none, it does not end, or it begins otherwise; *at is as it was. */
const char *line_take(const char **at, const char *end, const char *word, size_t *ret_length);

#endif
