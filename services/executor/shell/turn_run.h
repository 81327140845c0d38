/* SPDX-License-Identifier: Apache-2.0 */
/* The shell of a turn (core/turn.h). */
#ifndef OXE_EXECUTOR_TURN_RUN_H
#define OXE_EXECUTOR_TURN_RUN_H

#include "services/executor/shell/state.h"

/* Makes the transaction when there is anything to do, and sends what it allows. *ret_committed becomes true
 * once it is committed, whatever fails then. Any failure is a negative errno; nothing was decided then, as
 * far as we know, and the caller loses the database. */
int turn_run(struct executor *executor, bool *ret_committed);

#endif
