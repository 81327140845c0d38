/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to witnesses over HTTP, several at once, without waiting: libcurl. One thread's. */
#ifndef OXE_AUDIT_WRITER_WITNESS_CALL_H
#define OXE_AUDIT_WRITER_WITNESS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proto/policy.h"

enum {
    WITNESS_CALL_MS = 2000, /* for a whole answer */
    WITNESS_CALL_CONNECT_MS = 1000,
};

struct witness_calls;

/* -ENOMEM. */
int witness_calls_create(struct witness_calls **ret_calls);
void witness_calls_destroy(struct witness_calls **calls);

/* Sends the request to the witness' add-checkpoint; `slot` (below POLICY_WITNESSES_MAX) must have no call.
 * The request is copied. -ENOMEM, -EINVAL: not a URL. */
int witness_calls_begin(struct witness_calls *calls, size_t slot, const char *url,
                        const struct buffer *request);
/* The next call that has come to an end. *ret_status: of HTTP; 0: there was no answer. *ret_body: until the
 * next call of that slot. False: none has. */
bool witness_calls_take(struct witness_calls *calls, size_t *ret_slot, long *ret_status,
                        const struct buffer **ret_body);
/* Ends all calls without an answer. */
void witness_calls_abandon(struct witness_calls *calls);

/* Waits until something happens at a call, or somebody wakes it. */
void witness_calls_wait(struct witness_calls *calls, int timeout_ms);
/* From any thread. */
void witness_calls_wake(struct witness_calls *calls);

#endif
