/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors of paged lists: where the next page begins, opaque to the client. Pure.
 *
 * A cursor holds the id or number of the last row given and a check over the filters of the list, so that one
 * that was made up, cut, or taken to other filters is refused rather than answered with a page of something
 * else. It carries no rights: rows are still read as the caller. */
#ifndef OXE_GATEWAY_CURSOR_H
#define OXE_GATEWAY_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "common/uuid.h"

enum { CURSOR_TEXT_MAX = 29 }; /* 28 characters and the NUL */

/* scope: text that differs whenever the list or its filters differ. */
void cursor_format(struct uuid last_id, const char *scope, char ret_text[static CURSOR_TEXT_MAX]);

/* -EINVAL: not a cursor of this list. */
int cursor_parse(const char *text, size_t length, const char *scope, struct uuid *ret_last_id);

/* The same of a list that is ordered by a number, which is not negative. */
void cursor_format_number(int64_t last, const char *scope, char ret_text[static CURSOR_TEXT_MAX]);
int cursor_parse_number(const char *text, size_t length, const char *scope, int64_t *ret_last);

#endif
