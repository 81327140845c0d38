/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of the suite say of themselves: GET /readyz of their probe ports, all at once.
 *
 * Which they are is a list of NAME=HOST:PORT, or the absolute path of a file with one such entry a line, read
 * for each round. A host with several addresses stands for as many processes. Entries and processes past
 * PROBE_ROUND_MAX are left out; a process that does not answer within PROBE_ROUND_TIMEOUT_MS has no body. A
 * file that cannot be read stands as a process `probes` that does not answer, by its path. */
#ifndef OXE_COMMON_PROBE_ROUND_H
#define OXE_COMMON_PROBE_ROUND_H

#include "common/buffer.h"
#include "common/clock.h"
#include "common/config.h"

enum {
    PROBE_ROUND_MAX = 64,
    PROBE_ROUND_TIMEOUT_MS = 1000,
    PROBE_NAME_MAX = 64,     /* with NUL */
    PROBE_ADDRESS_MAX = 128, /* with NUL */
    PROBE_FAULT_MAX = 96,    /* with NUL */
};

/* One process, as it was asked in a round. */
struct probe_answer {
    char name[PROBE_NAME_MAX];
    char address[PROBE_ADDRESS_MAX];
    char fault[PROBE_FAULT_MAX]; /* why there is no body; empty: there is one */
    struct instant asked_at;
    struct buffer body; /* schema Health, as it came; perhaps no JSON */
    void *curl;         /* while it is asked */
};

struct probe_round {
    struct probe_answer items[PROBE_ROUND_MAX];
    size_t count;
};

/* The variable, for the tables of who asks. */
#define PROBE_ROUND_CONFIG(type, member)                                                                     \
    {                                                                                                        \
        "OXE_PROBES", CONFIG_LIST, offsetof(type, member), "", 0, 64,                                        \
            "the processes' probe ports: a list of NAME=HOST:PORT, or the path of a file with one a line",   \
            NULL                                                                                             \
    }

/* NULL, or what is wrong with the list. */
const char *probe_round_check(const struct config_list *list);

/* Waits for the last answer, and for the resolver where a host has a name. The round is the caller's to
 * destroy; NULL: no memory. */
struct probe_round *probe_round_ask(const struct config_list *list);
void probe_round_destroy(struct probe_round **round);

#endif
