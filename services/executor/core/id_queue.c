/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/id_queue.h"

#include <errno.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 256 };

static int grow(struct id_queue *queue)
{
    size_t capacity = queue->capacity == 0 ? CAPACITY_MIN : queue->capacity * 2;
    struct uuid *ids = realloc(queue->ids, capacity * sizeof(*ids));
    if (ids == NULL)
        return -ENOMEM;
    /* It was full: what had gone round to the front goes on behind. */
    for (size_t i = 0; i < queue->first; i++)
        ids[queue->capacity + i] = ids[i];
    queue->ids = ids;
    queue->capacity = capacity;
    return 0;
}

int id_queue_push(struct id_queue *queue, struct uuid id)
{
    if (queue->count == queue->capacity) {
        int r = grow(queue);
        if (r < 0)
            return r;
    }
    queue->ids[(queue->first + queue->count++) & (queue->capacity - 1)] = id;
    return 0;
}

bool id_queue_pop(struct id_queue *queue, struct uuid *ret_id)
{
    if (queue->count == 0)
        return false;
    *ret_id = queue->ids[queue->first];
    queue->first = (queue->first + 1) & (queue->capacity - 1);
    queue->count--;
    return true;
}

void id_queue_release(struct id_queue *queue)
{
    free(queue->ids);
    *queue = (struct id_queue){0};
}
