/* SPDX-License-Identifier: Apache-2.0 */
/* What a request cannot answer here goes to a validator, and a risk-manager answers it.
 *
 * The message carries the handle under which its request is parked and the address for the answer; an answer
 * whose request is gone, timed out or was answered finds nothing. */
#ifndef OXE_GATEWAY_FORWARD_H
#define OXE_GATEWAY_FORWARD_H

#include "services/gateway/gateway.h"

enum { FORWARD_ADDRESS_MAX = 129 };

struct forward;

/* -ENOMEM, -errno of the pipes. The gateway's loop stands. */
int forward_create(struct gateway *gateway, struct forward **ret_forward);
void forward_destroy(struct forward **forward);

/* Takes what has come from the risk-managers, bounded by turn; true when there may be more. */
bool forward_receive(struct gateway *gateway);
/* Whether a validator is there. */
bool forward_can_send(const struct forward *forward);

/* Answers the request from the risk-manager's answer. False: the outcome does not fit the request. */
typedef bool forward_answer(struct request *request, const struct answer *answer);

/* Who acts and where the answer goes, for the message. */
void forward_sign(const struct request *request, char actor[static ACTOR_MAX],
                  char reply_to[static FORWARD_ADDRESS_MAX]);

/* Parks the request; its handle and the envelope are for the message, which is then encoded into
 * forward_message and sent. False: it has been answered. */
bool forward_begin(struct request *request, forward_answer *on_answer, uint64_t *ret_handle,
                   struct envelope *ret_envelope);
struct buffer *forward_message(const struct request *request);
/* encoded: 0, or why the message could not be encoded; answers 503 then. `what` cannot be passed on, and how
 * to try `again`, are words for that answer. */
void forward_send(struct request *request, int encoded, const char *what, const char *again);

/* Server-Timing of the answer: how long each stage took. */
void forward_add_timing(struct request *request, const struct answer *answer);
/* The risk-manager has not taken it: 503, with its own words or with these. */
void forward_refuse(struct request *request, const struct answer *answer, const char *detail);

#endif
