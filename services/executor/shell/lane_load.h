/* SPDX-License-Identifier: Apache-2.0 */
/* The open orders of a lane in memory: read page by page when the lane is taken, with a sign of life between
 * the pages, and watched as long as there is room.
 *
 * When memory is full (OXE_OPEN_ORDERS_MAX) the lane is crowded, which the log says once and readiness as
 * long as it lasts. New orders wait as ADMITTED, and the sweep brings them. An order at the exchange that
 * finds no room is left out: reports about it are worked, but nobody asks the exchange about it, nor cancels
 * it there, until memory is half empty; then it is read. */
#ifndef OXE_EXECUTOR_LANE_LOAD_H
#define OXE_EXECUTOR_LANE_LOAD_H

#include "services/executor/shell/state.h"

/* Reads every order of the lane that is not over. Errors are the database's, or -ENOMEM. */
int lane_load(struct executor *executor, int lane);
/* Reads what crowded lanes have left out, once there is room again. */
int lane_load_rest(struct executor *executor);
/* Watches an order that is not over; without room it is left out. -ENOMEM */
int lane_load_keep(struct executor *executor, const struct execution *order);

#endif
