/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/due_heap.h"

#include <errno.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 256 };

static int grow(struct due_heap *heap)
{
    size_t capacity = heap->capacity == 0 ? CAPACITY_MIN : heap->capacity * 2;
    struct due *items = realloc(heap->items, capacity * sizeof(*items));
    if (items == NULL)
        return -ENOMEM;
    heap->items = items;
    heap->capacity = capacity;
    return 0;
}

int due_heap_push(struct due_heap *heap, int64_t at_us, struct uuid order_id)
{
    if (heap->count == heap->capacity) {
        int r = grow(heap);
        if (r < 0)
            return r;
    }
    size_t hole = heap->count++;
    while (hole > 0 && heap->items[(hole - 1) / 2].at_us > at_us) {
        heap->items[hole] = heap->items[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap->items[hole] = (struct due){.at_us = at_us, .order_id = order_id};
    return 0;
}

/* The earliest of a hole's children that is before `at_us`; the hole itself when there is none. */
static size_t earlier_child(const struct due_heap *heap, size_t hole, int64_t at_us)
{
    size_t best = hole;
    for (size_t child = 2 * hole + 1; child <= 2 * hole + 2 && child < heap->count; child++) {
        if (heap->items[child].at_us < at_us) {
            at_us = heap->items[child].at_us;
            best = child;
        }
    }
    return best;
}

bool due_heap_pop(struct due_heap *heap, int64_t now_us, struct due *ret_due)
{
    if (heap->count == 0 || heap->items[0].at_us > now_us)
        return false;
    *ret_due = heap->items[0];
    struct due last = heap->items[--heap->count];
    size_t hole = 0, child;
    while ((child = earlier_child(heap, hole, last.at_us)) != hole) {
        heap->items[hole] = heap->items[child];
        hole = child;
    }
    heap->items[hole] = last;
    return true;
}

int64_t due_heap_next_us(const struct due_heap *heap)
{
    return heap->count == 0 ? INT64_MAX : heap->items[0].at_us;
}

void due_heap_clear(struct due_heap *heap)
{
    heap->count = 0;
}

void due_heap_release(struct due_heap *heap)
{
    free(heap->items);
    *heap = (struct due_heap){0};
}
