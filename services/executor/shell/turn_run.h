/* SPDX-License-Identifier: Apache-2.0 */
/* The shell of a turn (core/turn.h). */
#ifndef OXE_EXECUTOR_TURN_RUN_H
#define OXE_EXECUTOR_TURN_RUN_H

#include "services/executor/shell/executor.h"

/* Makes the transaction when there is anything to do, and sends what it allows. Any failure is a negative
 * errno; nothing was decided then, as far as we know, and the caller loses the database. */
int turn_run(struct executor *executor);

#endif
