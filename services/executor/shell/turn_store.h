/* SPDX-License-Identifier: Apache-2.0 */
/* What a turn reads and writes. Errors are the database's; -EBADMSG: a row cannot be read. */
#ifndef OXE_EXECUTOR_TURN_STORE_H
#define OXE_EXECUTOR_TURN_STORE_H

#include "services/executor/core/turn.h"
#include "services/executor/shell/state.h"

/* The two round trips. turn_store_read opens the transaction. -EAGAIN: it is rolled back, and the turn is to
 * be read and decided once more (turn_rewind): a day had to be rolled, or what was read has moved since. */
int turn_store_read(struct executor *executor);
int turn_store_write(struct executor *executor);

/* turn_find.c: what was asked about orders of the owned lanes, and whose the orders are of facts that name no
 * trader. */
int turn_find_commands(struct executor *executor);
int turn_find_orders(struct executor *executor);

/* turn_anew_store.c: what the orders that are decided anew are judged by. */
int turn_anew_store_read(struct executor *executor, const PGresult *result);

#endif
