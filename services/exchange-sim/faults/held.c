/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct held {
    struct held_report **reports; /* in the order they came */
    size_t count, capacity;
    int64_t due_us;
};

int held_create(struct held **ret_held)
{
    struct held *held = calloc(1, sizeof(*held));
    if (held == NULL)
        return -ENOMEM;
    held->due_us = INT64_MAX;
    *ret_held = held;
    return 0;
}

void held_destroy(struct held **held)
{
    if (*held == NULL)
        return;
    for (size_t i = 0; i < (*held)->count; i++)
        free((*held)->reports[i]);
    free((*held)->reports);
    free(*held);
    *held = NULL;
}

static int reserve(struct held *held)
{
    if (held->count < held->capacity)
        return 0;
    if (held->count == HELD_MAX)
        return -ENOBUFS;
    size_t capacity = held->capacity == 0 ? 64 : held->capacity * 2;
    struct held_report **reports = realloc(held->reports, capacity * sizeof(struct held_report *));
    if (reports == NULL)
        return -ENOMEM;
    held->reports = reports;
    held->capacity = capacity;
    return 0;
}

int held_add(struct held *held, const struct held_report *report, const struct fix_body *body)
{
    int error = reserve(held);
    if (error < 0)
        return error;
    struct held_report *copy = malloc(sizeof(*copy) + body->length);
    if (copy == NULL)
        return -ENOMEM;
    *copy = *report;
    copy->length = body->length;
    memcpy(copy->body, body->bytes, body->length);
    held->reports[held->count++] = copy;
    held->due_us = copy->due.us < held->due_us ? copy->due.us : held->due_us;
    return 0;
}

static struct held_report *take(struct held *held, size_t index)
{
    struct held_report *report = held->reports[index];
    held->count--;
    memmove(held->reports + index, held->reports + index + 1,
            (held->count - index) * sizeof(struct held_report *));
    held->due_us = INT64_MAX;
    for (size_t i = 0; i < held->count; i++)
        held->due_us = held->reports[i]->due.us < held->due_us ? held->reports[i]->due.us : held->due_us;
    return report;
}

struct held_report *held_take_due(struct held *held, struct instant now)
{
    if (held->due_us > now.us)
        return NULL;
    size_t i = 0;
    while (held->reports[i]->due.us > now.us)
        i++;
    return take(held, i);
}

struct held_report *held_take_of_order(struct held *held, uint64_t order)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->reports[i]->order == order && held->reports[i]->due.us == INT64_MAX)
            return take(held, i);
    return NULL;
}

struct held_report *held_take_after_next(struct held *held, uint64_t order)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->reports[i]->order == order && held->reports[i]->after_next)
            return take(held, i);
    return NULL;
}

struct held_report *held_take_of_fault(struct held *held, uint32_t fault)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->reports[i]->fault == fault)
            return take(held, i);
    return NULL;
}

struct instant held_due(const struct held *held)
{
    return (struct instant){held->due_us};
}
