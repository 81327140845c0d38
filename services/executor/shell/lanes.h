/* SPDX-License-Identifier: Apache-2.0 */
/* Taking, keeping and letting go of lanes: advisory locks, epochs, sessions at the exchange, the pipes that
 * bring orders. Errors (negative errno) are the database's. */
#ifndef OXE_EXECUTOR_LANES_H
#define OXE_EXECUTOR_LANES_H

#include "services/executor/shell/state.h"

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

/* Forgets a lane without a word to the database. */
void lanes_forget(struct executor *executor, int lane);

/* Adds the numbers of the owned lanes to executor->args, as an array. */
void lanes_add_owned(struct executor *executor);

#endif
