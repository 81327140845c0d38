/* SPDX-License-Identifier: Apache-2.0 */
/* Taking, keeping and letting go of lanes: advisory locks, epochs, sessions at the exchange, the pipes that
 * bring orders.
 *
 * Errors (negative errno) are the database's: the caller then loses it (executor_lose). */
#ifndef OXE_EXECUTOR_LANES_H
#define OXE_EXECUTOR_LANES_H

#include "services/executor/shell/executor.h"

/* Makes missing rows of oxe.lanes. -EINVAL: the table has more lanes than OXE_LANES says; the process must
 * not start. */
int lanes_prepare(struct executor *executor);

/* Ends the session of a lane that is ours and takes the lane once more, as its row says now. */
int lanes_take_anew(struct executor *executor, int lane);

/* Takes lanes and begins to hand over surplus ones, as executor->live asks. */
int lanes_share_out(struct executor *executor);

/* Lets go of the lanes that are being handed over and have nothing in flight, or whose time is up. */
int lanes_finish_hand_over(struct executor *executor);
/* Begins to hand over all lanes, at the end of the process. */
void lanes_hand_over_all(struct executor *executor);

/* Finds what no message brought: commands and recent ADMITTED orders each time, all open ones page by page.
 */
int lanes_sweep(struct executor *executor);

/* Drains the lanes' pipes, bounded. */
void lanes_receive(struct executor *executor);

/* Forgets a lane without a word to the database. */
void lanes_forget(struct executor *executor, int lane);

/* Queues an ADMITTED order of an owned lane. */
void lanes_enqueue(struct executor *executor, int lane, struct uuid order_id);
/* Queues a question about an open order. */
void lanes_ask(struct executor *executor, struct open_order *open);
/* Queues an order that the exchange works to be cancelled there, or to get the quantity that it has here. */
void lanes_amend(struct executor *executor, struct open_order *open);

/* Appends the parameters of SQL_ADVANCE_LANES for the lanes whose numbers have moved or that the turn
 * touches; how many these are. */
size_t lanes_advance_args(struct executor *executor, struct db_args *args);
/* After the statement was answered: -ESTALE when another owner has raised an epoch. */
int lanes_check_advance(const PGresult *result, size_t count);
/* After the commit. */
void lanes_advanced(struct executor *executor);

#endif
