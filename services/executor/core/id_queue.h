/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of order ids, first in, first out. It grows as needed: an id is in it at most once, so the table
 * of open orders (order_table.h) bounds it. Pure. */
#ifndef OXE_EXECUTOR_ID_QUEUE_H
#define OXE_EXECUTOR_ID_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/uuid.h"

struct id_queue {
    struct uuid *ids;
    size_t capacity; /* zero or a power of two */
    size_t first;
    size_t count;
};

/* -ENOMEM */
int id_queue_push(struct id_queue *queue, struct uuid id);
/* false: empty */
bool id_queue_pop(struct id_queue *queue, struct uuid *ret_id);
/* Empties it and frees its memory. */
void id_queue_release(struct id_queue *queue);

#endif
