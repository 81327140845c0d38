/* SPDX-License-Identifier: Apache-2.0 */
/* The load of a cell (oxe-load at a steady rate) and how it flows: what its users saw, and when orders went
 * through again after a fault. */
#ifndef OXE_TESTS_FAULT_FLOW_H
#define OXE_TESTS_FAULT_FLOW_H

#include "tests/fault/floor.h"

/* With a limit, orders and the legs of their brackets are more than may be sent: they wait for their turns.
 */
enum {
    FLOW_RATE = 60,
    FLOW_RATE_LIMITED = 6,
    FLOW_LIMIT = 240, /* EXCHANGE_API_RATE_LIMIT of the cells with a limit */
    FLOW_BRACKETS_PCT = 15,
    FLOW_BRACKETS_LIMITED_PCT = 40,
    FLOW_TRADERS = 400,
    FLOW_LANES = 8,
};

struct flow {
    pid_t pid;
    char orders_path[512];
};

/* What the users of a cell saw, from the file that oxe-load wrote. */
struct flow_view {
    long answered;        /* orders, each with its final answer */
    long refused, broken; /* orders that met a 503, a connection that broke or stayed silent, before it */
    long ruled;           /* refused: a bracket whose price had moved past its legs meanwhile */
    long others;          /* final answers that were none of these */
    int other_status;     /* one of them */
    int64_t slowest_us;   /* from the first try to the answer */
    int64_t first_201_us; /* when the first order that was sent after `since` was answered; 0: none yet */
    char *ids;            /* of the acknowledged orders, as an array for PostgreSQL; the caller's to free */
};

/* Makes the traders; once for an instance. 0 or -errno. */
int flow_prepare(const struct floor *floor);

int flow_start(const struct floor *floor, bool limited, struct flow *ret_flow);
/* Moves all prices past the legs of brackets, to one side and to the other, and back to where they opened, so
 * that legs are executed while others are claimed. The exchange must be there. */
void flow_shake_prices(const struct floor *floor);
/* Ends the pace and waits until every order has its answer. The exit status of oxe-load: 0 when all have. */
int flow_end(struct flow *flow);
/* since_us: µs since 1970. */
struct flow_view flow_look(const struct flow *flow, int64_t since_us);

/* When the last of the lanes had its first fill of an order that was admitted after since_us; 0: not yet. */
int64_t flow_lanes_fill(struct floor *floor, int64_t since_us);

#endif
