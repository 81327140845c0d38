/* SPDX-License-Identifier: Apache-2.0 */
/* The executor's sign of life in the database, and what it makes of those of others. */
#ifndef OXE_EXECUTOR_BEAT_H
#define OXE_EXECUTOR_BEAT_H

#include "services/executor/shell/state.h"

enum { BEAT_US = 1000000 }; /* how often it is written */

/* Writes it once a second at most: for whatever takes long. Errors are the database's, as of the next. */
int beat_write(struct executor *executor);
/* It was written just now. A frozen process keeps its connection, and with it the locks of its lanes. Whoever
 * sees that ends it; but only who was not held up itself, for it would take the others for frozen then. */
int beat_end_frozen(struct executor *executor);

#endif
