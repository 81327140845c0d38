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

static bool may_go(const struct held_report *report, enum held_reason reason, uint64_t key)
{
    switch (reason) {
    case HELD_DUE:
        return report->due.us <= (int64_t)key;
    case HELD_OF_ORDER:
        return report->order == key && report->due.us == INT64_MAX;
    case HELD_AFTER_NEXT:
        return report->order == key && report->after_next;
    case HELD_OF_FAULT:
        return report->fault == key;
    }
    return false;
}

struct held_report *held_take(struct held *held, enum held_reason reason, uint64_t key)
{
    struct held_report *report = NULL;
    size_t i = 0;
    if (reason == HELD_DUE && held->due_us > (int64_t)key)
        return NULL;
    while (i < held->count && !may_go(held->reports[i], reason, key))
        i++;
    if (i == held->count)
        return NULL;
    report = held->reports[i];
    held->count--;
    memmove(held->reports + i, held->reports + i + 1, (held->count - i) * sizeof(struct held_report *));
    held->due_us = INT64_MAX;
    for (i = 0; i < held->count; i++)
        held->due_us = held->reports[i]->due.us < held->due_us ? held->reports[i]->due.us : held->due_us;
    return report;
}

struct instant held_due(const struct held *held)
{
    return (struct instant){held->due_us};
}
