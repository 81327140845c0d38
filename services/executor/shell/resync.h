/* SPDX-License-Identifier: Apache-2.0 */
/* Operations' word that a lane is to begin anew (oxectl lane resync): its session ends, none of the
 * exchange's messages counts as received, and the lane is taken as by a new owner. The exchange then
 * repeats all that it has, each execution counts once, and every open order is asked about (decisions 0016
 * and 0026).
 *
 * The number and the end of the request are one statement. Whoever dies before it has done nothing, and
 * whoever dies after it leaves a lane that its next owner opens at number 1: so it happens once. */
#ifndef OXE_EXECUTOR_RESYNC_H
#define OXE_EXECUTOR_RESYNC_H

#include "services/executor/shell/state.h"

/* Carries out what was asked for the lanes that are ours; no reports may wait for a turn. Errors are the
 * database's; -ESTALE: another owns a lane. */
int resync_run(struct executor *executor);

#endif
