/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that a fault holds back: they have no number yet, and are known to nobody.
 *
 * Pure but for memory. They are let go by time, by a query about their order, by the next report about their
 * order, or when their fault is cleared; always in the order they came. They are not in the journal: an
 * exchange that is killed has forgotten them, as if they had been lost on the way out. Bound: HELD_MAX. */
#ifndef OXE_EXCHANGE_SIM_HELD_H
#define OXE_EXCHANGE_SIM_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "services/exchange-sim/fix/fix.h"

enum { HELD_MAX = 16384 };

struct held_report {
    TAILQ_ENTRY(held_report) link; /* for held.c */
    uint32_t fault;                /* id */
    uint32_t session;
    char type[4];       /* MsgType, NUL-terminated */
    uint64_t order;     /* its number; 0: none */
    struct instant due; /* INT64_MAX: no time */
    bool after_next;    /* goes when the next report about its order has gone */
    size_t length;
    char body[];
};

struct held;

int held_create(struct held **ret_held);
void held_destroy(struct held **held);

/* Copies report and body. -ENOBUFS, -ENOMEM: it is not held. */
int held_add(struct held *held, const struct held_report *report, const struct fix_body *body);

enum held_reason {
    HELD_DUE,        /* its time has come: the key is now, in µs */
    HELD_OF_ORDER,   /* its order, the key, was asked for: those without a time */
    HELD_AFTER_NEXT, /* the next report about its order, the key, has come */
    HELD_OF_FAULT,   /* its fault, the key, is over */
};
/* The next one that may go for that reason; the caller frees it. NULL: none. */
struct held_report *held_take(struct held *held, enum held_reason reason, uint64_t key);

/* When the first is due; INT64_MAX: none. */
struct instant held_due(const struct held *held);

#endif
