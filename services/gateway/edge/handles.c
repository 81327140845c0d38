/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/handles.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

enum { SLOTS_MAX = 1000000 };

struct slot {
    TAILQ_ENTRY(slot) link; /* in either list */
    void *owner;            /* NULL: free */
    int64_t deadline_us;
    uint32_t generation; /* raised when the slot is freed, so that a stale handle does not match */
};

TAILQ_HEAD(slots, slot);

struct handles {
    size_t max;
    size_t count;
    struct slots free, taken; /* by deadline */
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
    TAILQ_INIT(&handles->free);
    TAILQ_INIT(&handles->taken);
    for (size_t i = 0; i < max; i++) {
        handles->slots[i].generation = first_generation == 0 ? 1 : first_generation;
        TAILQ_INSERT_TAIL(&handles->free, &handles->slots[i], link);
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
static void add_taken(struct handles *handles, struct slot *slot)
{
    struct slot *before = TAILQ_LAST(&handles->taken, slots);

    while (before != NULL && before->deadline_us > slot->deadline_us)
        before = TAILQ_PREV(before, slots, link);
    if (before == NULL)
        TAILQ_INSERT_HEAD(&handles->taken, slot, link);
    else
        TAILQ_INSERT_AFTER(&handles->taken, before, slot, link);
}

int handles_add(struct handles *handles, void *owner, int64_t deadline_us, uint64_t *ret_handle)
{
    struct slot *slot = TAILQ_FIRST(&handles->free);

    assert(owner != NULL);
    if (slot == NULL)
        return -ENOSPC;
    TAILQ_REMOVE(&handles->free, slot, link);
    slot->owner = owner;
    slot->deadline_us = deadline_us;
    add_taken(handles, slot);
    handles->count++;
    *ret_handle = (uint64_t)slot->generation << 32 | (uint64_t)(slot - handles->slots);
    return 0;
}

static bool is_live(const struct handles *handles, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;

    return index < handles->max && handles->slots[index].owner != NULL &&
           handles->slots[index].generation == (uint32_t)(handle >> 32);
}

void *handles_find(const struct handles *handles, uint64_t handle)
{
    return is_live(handles, handle) ? handles->slots[(uint32_t)handle].owner : NULL;
}

void handles_remove(struct handles *handles, uint64_t handle)
{
    if (!is_live(handles, handle))
        return;
    struct slot *slot = &handles->slots[(uint32_t)handle];
    TAILQ_REMOVE(&handles->taken, slot, link);
    TAILQ_INSERT_HEAD(&handles->free, slot, link);
    slot->owner = NULL;
    slot->generation = slot->generation == UINT32_MAX ? 1 : slot->generation + 1;
    handles->count--;
}

void *handles_overdue(const struct handles *handles, int64_t now_us)
{
    const struct slot *first = TAILQ_FIRST(&handles->taken);

    return first == NULL || first->deadline_us > now_us ? NULL : first->owner;
}

void handles_each(struct handles *handles, void (*visit)(void *owner, void *context), void *context)
{
    for (struct slot *slot = TAILQ_FIRST(&handles->taken), *after; slot != NULL; slot = after) {
        after = TAILQ_NEXT(slot, link);
        visit(slot->owner, context);
    }
}

size_t handles_count(const struct handles *handles)
{
    return handles->count;
}
