/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 256 };

static int make_room(struct book *book)
{
    if (book->count < book->room)
        return 0;
    size_t room = book->room == 0 ? ROOM_MIN : book->room * 2;
    struct book_line *lines = reallocarray(book->lines, room, sizeof(*lines));
    if (lines == NULL)
        return -ENOMEM;
    book->lines = lines;
    book->room = room;
    return 0;
}

int book_add(struct book *book, const char *key, const char *value, bool may_lack)
{
    int r = make_room(book);
    if (r < 0)
        return r;
    struct book_line line = {.key = strdup(key), .value = strdup(value), .may_lack = may_lack};
    if (line.key == NULL || line.value == NULL) {
        free(line.key);
        free(line.value);
        return -ENOMEM;
    }
    book->lines[book->count++] = line;
    return 0;
}

void book_release(struct book *book)
{
    for (size_t i = 0; i < book->count; i++) {
        free(book->lines[i].key);
        free(book->lines[i].value);
    }
    free(book->lines);
    *book = (struct book){.lines = NULL};
}

static int by_key(const void *a, const void *b)
{
    const struct book_line *x = a, *y = b;

    return strcmp(x->key, y->key);
}

static int by_key_and_value(const void *a, const void *b)
{
    const struct book_line *x = a, *y = b;
    int order = by_key(a, b);

    return order != 0 ? order : strcmp(x->value, y->value);
}

void book_sort(struct book *book)
{
    if (book->count > 0)
        qsort(book->lines, book->count, sizeof(book->lines[0]), by_key_and_value);
}

bool book_has(const struct book *book, const char *key)
{
    const struct book_line line = {.key = (char *)key};

    return book->count > 0 && bsearch(&line, book->lines, book->count, sizeof(line), by_key) != NULL;
}

int books_compare(struct book *theirs, struct book *ours, books_tell tell, void *context)
{
    size_t i = 0, j = 0;
    int r = 0;

    book_sort(theirs);
    book_sort(ours);
    while (r == 0 && (i < theirs->count || j < ours->count)) {
        const struct book_line *their = i < theirs->count ? &theirs->lines[i] : NULL;
        const struct book_line *our = j < ours->count ? &ours->lines[j] : NULL;
        int order = their == NULL ? 1 : our == NULL ? -1 : strcmp(their->key, our->key);
        i += order <= 0;
        j += order >= 0;
        if (order < 0 && !their->may_lack)
            r = tell(context, their->key, their->value, NULL);
        else if (order > 0 && !our->may_lack)
            r = tell(context, our->key, NULL, our->value);
        else if (order == 0 && strcmp(their->value, our->value) != 0)
            r = tell(context, their->key, their->value, our->value);
    }
    return r;
}
