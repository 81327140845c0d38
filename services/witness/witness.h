/* SPDX-License-Identifier: Apache-2.0 */
/* The witness: cosigns checkpoints of logs that it knows, each of which extends the last (C2SP tlog-witness,
 * tlog-cosignature version 1), so that nobody can show one history to one reader and another to the next, or
 * take back what was shown. It stands apart from the logs: own key, own state, and better an own machine and
 * own people.
 *
 * POST /add-checkpoint on OXE_WITNESS_LISTEN. What it has seen is on disk, synced, before it answers; a state
 * that cannot be written is an answer 503, and one that cannot be read keeps it from starting, because a
 * witness that has forgotten what it saw would cosign another history. */
#ifndef OXE_WITNESS_WITNESS_H
#define OXE_WITNESS_WITNESS_H

#include "common/service.h"
#include "proto/note.h"

struct witness_config {
    struct service_config common;
    char listen[CONFIG_TEXT_MAX];
    char name[CONFIG_TEXT_MAX];  /* of its key */
    char key[CONFIG_TEXT_MAX];   /* file of its private key */
    char logs[CONFIG_TEXT_MAX];  /* file of the verifier keys of the logs */
    char state[CONFIG_TEXT_MAX]; /* file of what it has cosigned last */
};

enum witness_check { CHECK_STATE, CHECK_LOGS, CHECK_COUNT };

enum witness_metric { METRIC_REQUESTS, METRIC_STATE_ERRORS, METRIC_COUNT };

/* Series of METRIC_REQUESTS: the verdicts (enum add_verdict), and behind them what came to none. */
extern const char *const witness_outcomes[];

int witness_run(struct service *service);

#endif
