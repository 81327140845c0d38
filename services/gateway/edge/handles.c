/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/handles.h"

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

struct handles {
    size_t max;
    size_t count;
    uint32_t free;
    uint32_t first;
    uint32_t last;
    struct slot slots[];
};

int handles_create(size_t max, uint32_t first_generation, struct handles **ret_handles)
{
    if (max == 0 || max > SLOTS_MAX)
        return -EINVAL;
    struct handles *handles = calloc(1, sizeof(*handles) + max * sizeof(handles->slots[0]));
    if (handles == NULL)
        return -ENOMEM;
    handles->max = max;
    handles->first = handles->last = NONE;
    for (uint32_t i = 0; i < max; i++) {
        handles->slots[i].generation = first_generation == 0 ? 1 : first_generation;
        handles->slots[i].after = i + 1 < max ? i + 1 : NONE;
    }
    *ret_handles = handles;
    return 0;
}

void handles_destroy(struct handles **handles)
{
    free(*handles);
    *handles = NULL;
}

/* Nearly all deadlines lie equally far ahead, so the place is at the end or close to it. */
static void link_slot(struct handles *handles, uint32_t index)
{
    struct slot *slot = &handles->slots[index];
    uint32_t before = handles->last;

    while (before != NONE && handles->slots[before].deadline_us > slot->deadline_us)
        before = handles->slots[before].before;
    slot->before = before;
    slot->after = before == NONE ? handles->first : handles->slots[before].after;
    if (before == NONE)
        handles->first = index;
    else
        handles->slots[before].after = index;
    if (slot->after == NONE)
        handles->last = index;
    else
        handles->slots[slot->after].before = index;
}

static void unlink_slot(struct handles *handles, uint32_t index)
{
    struct slot *slot = &handles->slots[index];

    if (slot->before == NONE)
        handles->first = slot->after;
    else
        handles->slots[slot->before].after = slot->after;
    if (slot->after == NONE)
        handles->last = slot->before;
    else
        handles->slots[slot->after].before = slot->before;
}

int handles_add(struct handles *handles, void *owner, int64_t deadline_us, uint64_t *ret_handle)
{
    uint32_t index = handles->free;

    assert(owner != NULL);
    if (handles->count == handles->max)
        return -ENOSPC;
    struct slot *slot = &handles->slots[index];
    handles->free = slot->after;
    slot->owner = owner;
    slot->deadline_us = deadline_us;
    link_slot(handles, index);
    handles->count++;
    *ret_handle = (uint64_t)slot->generation << 32 | index;
    return 0;
}

static uint32_t index_of(const struct handles *handles, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;

    if (index >= handles->max || handles->slots[index].owner == NULL ||
        handles->slots[index].generation != (uint32_t)(handle >> 32))
        return NONE;
    return index;
}

void *handles_find(const struct handles *handles, uint64_t handle)
{
    uint32_t index = index_of(handles, handle);

    return index == NONE ? NULL : handles->slots[index].owner;
}

void handles_remove(struct handles *handles, uint64_t handle)
{
    uint32_t index = index_of(handles, handle);

    if (index == NONE)
        return;
    struct slot *slot = &handles->slots[index];
    unlink_slot(handles, index);
    slot->owner = NULL;
    slot->generation = slot->generation == UINT32_MAX ? 1 : slot->generation + 1;
    slot->after = handles->free;
    handles->free = index;
    handles->count--;
}

void *handles_overdue(const struct handles *handles, int64_t now_us)
{
    if (handles->first == NONE || handles->slots[handles->first].deadline_us > now_us)
        return NULL;
    return handles->slots[handles->first].owner;
}

void handles_each(struct handles *handles, void (*visit)(void *owner, void *context), void *context)
{
    for (uint32_t index = handles->first; index != NONE;) {
        uint32_t after = handles->slots[index].after;
        visit(handles->slots[index].owner, context);
        index = after;
    }
}

size_t handles_count(const struct handles *handles)
{
    return handles->count;
}
