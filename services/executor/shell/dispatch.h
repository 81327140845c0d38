/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out to the exchange, within the lanes' rate, and the wake-ups of audit-writer. */
#ifndef OXE_EXECUTOR_DISPATCH_H
#define OXE_EXECUTOR_DISPATCH_H

#include "services/executor/shell/state.h"

enum { DISPATCH_ASKS_MAX = 500 }; /* questions, and cancels, of a lane in one turn */

/* How long the loop may wait for orders that are to be decided anew, at most left_us. */
int64_t dispatch_anew_wait_us(const struct executor *executor, int64_t left_us);

/* Takes at most `max` waiting orders of ready lanes that the rate lets go now; returns how many. */
size_t dispatch_pick_claims(struct executor *executor, struct uuid *ids, size_t max);

/* Hands a committed order to its lane. A lane that has gone down meanwhile is no error: the order is SENT,
 * and is asked about when the lane is ready again. */
void dispatch_order(struct executor *executor, const struct execution *order, bool resend);

/* Sends the cancels that wait, then the questions, within the rate. */
void dispatch_urgent(struct executor *executor);

/* Tells the audit-writers that an outbox row was committed. */
void dispatch_wake(struct executor *executor);

#endif
