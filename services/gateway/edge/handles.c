/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/parked.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { SLOTS_MAX = 1000000 };

#define NONE UINT32_MAX

struct slot {
    void *owner; /* NULL: free */
    int64_t deadline_us;
    uint32_t generation; /* raised when the slot is freed, so that a stale handle does not match */
    uint32_t before;     /* in the list by deadline */
    uint32_t after;      /* likewise, or the next free slot */
};

struct parked {
    size_t max;
    size_t count;
    uint32_t free;
    uint32_t first;
    uint32_t last;
    struct slot slots[];
};

int parked_create(size_t max, uint32_t first_generation, struct parked **ret_parked)
{
    if (max == 0 || max > SLOTS_MAX)
        return -EINVAL;
    struct parked *parked = calloc(1, sizeof(*parked) + max * sizeof(parked->slots[0]));
    if (parked == NULL)
        return -ENOMEM;
    parked->max = max;
    parked->first = parked->last = NONE;
    for (uint32_t i = 0; i < max; i++) {
        parked->slots[i].generation = first_generation == 0 ? 1 : first_generation;
        parked->slots[i].after = i + 1 < max ? i + 1 : NONE;
    }
    *ret_parked = parked;
    return 0;
}

void parked_destroy(struct parked **parked)
{
    free(*parked);
    *parked = NULL;
}

/* Nearly all deadlines lie equally far ahead, so the place is at the end or close to it. */
static void link_slot(struct parked *parked, uint32_t index)
{
    struct slot *slot = &parked->slots[index];
    uint32_t before = parked->last;

    while (before != NONE && parked->slots[before].deadline_us > slot->deadline_us)
        before = parked->slots[before].before;
    slot->before = before;
    slot->after = before == NONE ? parked->first : parked->slots[before].after;
    if (before == NONE)
        parked->first = index;
    else
        parked->slots[before].after = index;
    if (slot->after == NONE)
        parked->last = index;
    else
        parked->slots[slot->after].before = index;
}

static void unlink_slot(struct parked *parked, uint32_t index)
{
    struct slot *slot = &parked->slots[index];

    if (slot->before == NONE)
        parked->first = slot->after;
    else
        parked->slots[slot->before].after = slot->after;
    if (slot->after == NONE)
        parked->last = slot->before;
    else
        parked->slots[slot->after].before = slot->before;
}

int parked_add(struct parked *parked, void *owner, int64_t deadline_us, uint64_t *ret_handle)
{
    uint32_t index = parked->free;

    assert(owner != NULL);
    if (parked->count == parked->max)
        return -ENOSPC;
    struct slot *slot = &parked->slots[index];
    parked->free = slot->after;
    slot->owner = owner;
    slot->deadline_us = deadline_us;
    link_slot(parked, index);
    parked->count++;
    *ret_handle = (uint64_t)slot->generation << 32 | index;
    return 0;
}

static uint32_t index_of(const struct parked *parked, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;

    if (index >= parked->max || parked->slots[index].owner == NULL ||
        parked->slots[index].generation != (uint32_t)(handle >> 32))
        return NONE;
    return index;
}

void *parked_find(const struct parked *parked, uint64_t handle)
{
    uint32_t index = index_of(parked, handle);

    return index == NONE ? NULL : parked->slots[index].owner;
}

void parked_remove(struct parked *parked, uint64_t handle)
{
    uint32_t index = index_of(parked, handle);

    if (index == NONE)
        return;
    struct slot *slot = &parked->slots[index];
    unlink_slot(parked, index);
    slot->owner = NULL;
    slot->generation = slot->generation == UINT32_MAX ? 1 : slot->generation + 1;
    slot->after = parked->free;
    parked->free = index;
    parked->count--;
}

void *parked_overdue(const struct parked *parked, int64_t now_us)
{
    if (parked->first == NONE || parked->slots[parked->first].deadline_us > now_us)
        return NULL;
    return parked->slots[parked->first].owner;
}

void parked_each(struct parked *parked, void (*visit)(void *owner, void *context), void *context)
{
    for (uint32_t index = parked->first; index != NONE;) {
        uint32_t after = parked->slots[index].after;
        visit(parked->slots[index].owner, context);
        index = after;
    }
}

size_t parked_count(const struct parked *parked)
{
    return parked->count;
}
