/* SPDX-License-Identifier: Apache-2.0 */
/* When the open orders are to be looked at again (next_check_at): memory's copy of it, and the facts that
 * come of it. The heap holds one entry that counts for each order, and is rebuilt before it is twice as large
 * as the table of open orders. */
#ifndef OXE_EXECUTOR_CHECKS_H
#define OXE_EXECUTOR_CHECKS_H

#include "services/executor/shell/state.h"

/* Has the order looked at when its next_check_at has come. -ENOMEM. */
int checks_arm(struct executor *executor, struct open_order *open);
/* Has it looked at in the next turn, because of its line. Without memory for it the lane's next logon does.
 */
void checks_line(struct executor *executor, struct open_order *open, enum order_due due);

/* Gives the turn what is due, as far as there is room. */
void checks_collect(struct executor *executor, struct instant now);
/* Throws out entries that no longer hold, when they are many. */
void checks_compact(struct executor *executor);
/* How long nothing is due, at most max_us. */
int64_t checks_wait_us(const struct executor *executor, struct instant now, int64_t max_us);

#endif
