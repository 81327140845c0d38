/* SPDX-License-Identifier: Apache-2.0 */
/* Two books of the same things, compared line by line. Pure.
 *
 * A line has a key, which says what it is about, and a value; both books write them in the same way. Lines
 * with the same key are compared in the order of their values, so what one book has twice and the other once
 * is found. */
#ifndef OXE_OXECTL_BOOKS_H
#define OXE_OXECTL_BOOKS_H

#include <stdbool.h>
#include <stddef.h>

struct book_line {
    char *key, *value;
    bool may_lack; /* the other book need not have it */
};

struct book {
    struct book_line *lines;
    size_t count, room;
};

/* Copies both. -ENOMEM. */
int book_add(struct book *book, const char *key, const char *value, bool may_lack);
void book_sort(struct book *book);
/* Whether a line of the sorted book has this key. */
bool book_has(const struct book *book, const char *key);
void book_release(struct book *book);

/* Of each line that differs: NULL for the side that has none. -ENOMEM and the like from it end the
 * comparison. */
typedef int (*books_tell)(void *context, const char *key, const char *theirs, const char *ours);
/* Sorts both. 0, or what books_tell returned. */
int books_compare(struct book *theirs, struct book *ours, books_tell tell, void *context);

#endif
