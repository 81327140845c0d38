/* SPDX-License-Identifier: Apache-2.0 */
/* The sequence numbers of the lanes' sessions, as their rows have them: which of the exchange's have taken
 * effect, and which of ours are reserved. */
#ifndef OXE_EXECUTOR_LANE_NUMBERS_H
#define OXE_EXECUTOR_LANE_NUMBERS_H

#include "services/executor/shell/state.h"

enum { LANE_NUMBERS_BLOCK = 10000 }; /* outgoing numbers reserved at a time */

/* Appends the parameters of SQL_ADVANCE_LANES for the lanes whose numbers have moved or that the turn
 * touches; how many these are. */
size_t lane_numbers_add(struct executor *executor);
/* After the statement was answered: -ESTALE when another owner has raised an epoch. */
int lane_numbers_check(const PGresult *result, size_t count);
/* After the commit. */
void lane_numbers_advanced(struct executor *executor);

#endif
