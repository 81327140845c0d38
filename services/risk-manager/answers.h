/* SPDX-License-Identifier: Apache-2.0 */
/* The way back to the gateways: one PUSH per address that a request named, and the answers that could not
 * leave yet.
 *
 * A fresh connection takes a moment, and a gateway may be restarting: an answer waits a little for it, never
 * the batch. At most ANSWERS_PEERS_MAX gateways (the least recently used one makes place) and
 * ANSWERS_WAITING_MAX answers are held. */
#ifndef OXE_RISK_MANAGER_ANSWERS_H
#define OXE_RISK_MANAGER_ANSWERS_H

#include "common/clock.h"
#include "common/pipe.h"

enum {
    ANSWERS_PEERS_MAX = 64,
    ANSWERS_WAITING_MAX = 4096,
};

struct answers;

/* The context is borrowed. */
int answers_create(struct pipe_context *context, struct answers **ret_answers);
void answers_destroy(struct answers **answers);

/* Connects ahead of the answer, so that it finds the way open. Errors as pipe_connect. */
int answers_expect(struct answers *answers, const char *address);

/* Sends, or keeps until expires (wall clock). -ENOBUFS: too many wait; -ENOMEM; errors as pipe_connect. */
int answers_send(struct answers *answers, const char *address, const void *bytes, size_t length,
                 struct instant expires);

/* Tries those that wait once more. Returns how many were given up: expired, or their gateway made place. */
size_t answers_retry(struct answers *answers, struct instant now);
size_t answers_waiting(const struct answers *answers);

#endif
