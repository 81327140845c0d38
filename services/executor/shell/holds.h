/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that may not go to the exchange now: trading is halted for them, or their account is not active.
 *
 * A turn that claims such an order holds it (execute_claim): it stays ADMITTED and names why in `reason`. It
 * waits apart from its lane's queue, and every half second the database is asked which of those that wait are
 * free, up to a bound, without a lock. Those go back to the queue, and a turn decides. */
#ifndef OXE_EXECUTOR_HOLDS_H
#define OXE_EXECUTOR_HOLDS_H

#include "services/executor/shell/state.h"

/* Puts an order that waits apart. Without memory for it the next sweep queues it again. */
void holds_keep(struct executor *executor, struct open_order *open);

/* When it is time: queues those that are free, or that wait for something else by now. Negative errno of the
 * database. */
int holds_look(struct executor *executor);

#endif
