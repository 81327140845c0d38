/* SPDX-License-Identifier: Apache-2.0 */
/* A request's deadline on its way between hosts whose clocks differ.
 *
 * What travels is a budget: deadline minus sent-at, both by the clock of who sends. Each hop takes off what
 * the message has waited, sets both times anew by its own clock, and sends what is left. By the clocks alone
 * a hop would take a difference between them for waiting; so it counts no more than the message can have
 * waited at its own door, which it knows without anybody's clock (pipe_waited_max_us). docs/decisions/0020
 * tells why. Pure. */
#ifndef OXE_PROTO_DEADLINE_H
#define OXE_PROTO_DEADLINE_H

#include <stdbool.h>

#include "proto/proto.h"

/* The message was received `now`, after waiting at most waited_max_us (at least 0): its sent-at and its
 * deadline become times of the receiver's clock. */
void deadline_arrive(struct envelope *envelope, struct instant now, int64_t waited_max_us);
/* Until when somebody waits for the answer: kept_ms from now when the request has no deadline. */
struct instant deadline_until(const struct envelope *envelope, struct instant now, int64_t kept_ms);
/* Whether nobody waits for the answer any longer. */
bool deadline_has_passed(const struct envelope *envelope, struct instant now);

#endif
