/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of the fault matrix: which process, at which moment of an order's life, meets which fault. */
#ifndef OXE_TESTS_FAULT_CELLS_H
#define OXE_TESTS_FAULT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fault/moment.h"

enum fault {
    FAULT_KILL,          /* kill -9 of the process */
    FAULT_FREEZE,        /* SIGSTOP, SIGCONT after FREEZE_SECONDS */
    FAULT_SERVER_KILL,   /* kill -9 of PostgreSQL, all of its processes */
    FAULT_SERVER_FREEZE, /* SIGSTOP of all of them */
    FAULT_IMMEDIATE,     /* PostgreSQL's immediate shutdown */
    FAULT_TERMINATE,     /* the services' connections ended by pg_terminate_backend */
    FAULT_DOWN,          /* stopped by the supervisor, started DOWN_SECONDS later */
    FAULT_COUNT,
};

enum { FREEZE_SECONDS = 15, DOWN_SECONDS = 5, CELLS_MAX = 2048 };

enum target {
    TARGET_GATEWAY,
    TARGET_VALIDATOR,
    TARGET_RISK_MANAGER,
    TARGET_EXECUTOR,
    TARGET_AUDIT_WRITER,
    TARGET_AUDIT_STANDBY,
    TARGET_BROADCASTER,
    TARGET_EXCHANGE,
    TARGET_RISK_BACKEND, /* PostgreSQL's process that serves the risk-manager */
    TARGET_EXECUTOR_BACKEND,
    TARGET_AUDIT_BACKEND,
    TARGET_POSTGRES,
    TARGET_REDIS,
    TARGET_COUNT,
};

struct stage {
    enum target target;
    struct moment moment;
    const char *text; /* "when …" */
    bool small;       /* it is in the small part: with a kill, on PostgreSQL also with other faults */
};

struct cell {
    const struct stage *stage;
    enum fault fault;
    bool limited; /* the suite may send the exchange few messages a minute, so that orders wait for their turn
                   */
    uint64_t seed; /* for what the cell itself draws */
};

const char *target_text(enum target target);
const char *fault_text(enum fault fault);
/* Whether the fault is a kill -9. */
bool fault_kills(enum fault fault);

/* The small part in its order, or `rounds` rounds of every kill and one of every other fault, in an order
 * that the seed decides; those with a limit come last. Returns how many cells. */
size_t cells_small(uint64_t seed, struct cell cells[static CELLS_MAX]);
size_t cells_full(uint64_t seed, unsigned rounds, struct cell cells[static CELLS_MAX]);

/* The next number of a seeded sequence (splitmix64). */
uint64_t draw(uint64_t *seed);

#endif
