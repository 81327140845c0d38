/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct held {
    TAILQ_HEAD(, held_report) reports; /* in the order they came */
    size_t count;
    int64_t due_us;
};

int held_create(struct held **ret_held)
{
    struct held *held = calloc(1, sizeof(*held));
    if (held == NULL)
        return -ENOMEM;
    TAILQ_INIT(&held->reports);
    held->due_us = INT64_MAX;
    *ret_held = held;
    return 0;
}

static void take_out(struct held *held, struct held_report *report)
{
    TAILQ_REMOVE(&held->reports, report, link);
    held->count--;
}

void held_destroy(struct held **held)
{
    struct held_report *report = NULL;
    if (*held == NULL)
        return;
    while ((report = TAILQ_FIRST(&(*held)->reports)) != NULL) {
        take_out(*held, report);
        free(report);
    }
    free(*held);
    *held = NULL;
}

int held_add(struct held *held, const struct held_report *report, const struct fix_body *body)
{
    if (held->count == HELD_MAX)
        return -ENOBUFS;
    struct held_report *copy = malloc(sizeof(*copy) + body->length);
    if (copy == NULL)
        return -ENOMEM;
    *copy = *report;
    copy->length = body->length;
    memcpy(copy->body, body->bytes, body->length);
    TAILQ_INSERT_TAIL(&held->reports, copy, link);
    held->count++;
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
    struct held_report *report = TAILQ_FIRST(&held->reports);
    if (reason == HELD_DUE && held->due_us > (int64_t)key)
        return NULL;
    while (report != NULL && !may_go(report, reason, key))
        report = TAILQ_NEXT(report, link);
    if (report == NULL)
        return NULL;
    take_out(held, report);
    held->due_us = INT64_MAX;
    for (struct held_report *left = TAILQ_FIRST(&held->reports); left != NULL; left = TAILQ_NEXT(left, link))
        held->due_us = left->due.us < held->due_us ? left->due.us : held->due_us;
    return report;
}

struct instant held_due(const struct held *held)
{
    return (struct instant){held->due_us};
}
