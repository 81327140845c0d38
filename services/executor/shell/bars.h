/* SPDX-License-Identifier: Apache-2.0 */
/* Last prices, and bars: what prices did in each minute, five minutes, hour and trading day, and how much the
 * suite executed then. The owner of lane 0 writes them in one round trip.
 *
 * A price counts in the bar of the moment at which it is written, at most a second after it came. Volumes are
 * counted from the fills in order of their ids, each once, some seconds late: whatever commits later than
 * that is left out. */
#ifndef OXE_EXECUTOR_BARS_H
#define OXE_EXECUTOR_BARS_H

#include "services/executor/shell/state.h"

/* Sends the last prices and the bars that are due, within a pipeline. */
void bars_send(struct executor *executor);
/* After the commit. */
void bars_written(struct executor *executor);

#endif
