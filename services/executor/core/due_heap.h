/* SPDX-License-Identifier: Apache-2.0 */
/* Which order is due next: a heap of times and order ids, the earliest first.
 *
 * An order may be in it more than once; who takes an entry out knows whether it still holds. It grows as
 * needed: the owner bounds it by throwing out what no longer holds (checks.c). Pure. */
#ifndef OXE_EXECUTOR_DUE_HEAP_H
#define OXE_EXECUTOR_DUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/uuid.h"

struct due {
    int64_t at_us;
    struct uuid order_id;
};

struct due_heap {
    struct due *items;
    size_t capacity;
    size_t count;
};

/* -ENOMEM */
int due_heap_push(struct due_heap *heap, int64_t at_us, struct uuid order_id);
/* Takes the earliest out when its time is not after now_us. */
bool due_heap_pop(struct due_heap *heap, int64_t now_us, struct due *ret_due);
/* When the earliest is due; INT64_MAX when there is none. */
int64_t due_heap_next_us(const struct due_heap *heap);
/* Empties it, keeping or freeing its memory. */
void due_heap_clear(struct due_heap *heap);
void due_heap_release(struct due_heap *heap);

#endif
