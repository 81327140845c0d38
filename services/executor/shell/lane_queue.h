/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in an owned lane: orders to be claimed, questions, cancels and changes. Without memory for it an
 * order is forgotten, and the sweep brings it again. */
#ifndef OXE_EXECUTOR_LANE_QUEUE_H
#define OXE_EXECUTOR_LANE_QUEUE_H

#include "services/executor/shell/state.h"

/* Queues an ADMITTED order of an owned lane. */
void lane_queue_add(struct executor *executor, int lane, struct uuid order_id);
/* Queues a question about an open order. */
void lane_queue_ask(struct executor *executor, struct open_order *open);
/* Queues an order that the exchange works to be cancelled there, or to get the quantity that it has here. */
void lane_queue_amend(struct executor *executor, struct open_order *open);
/* An order of the lane has found no room (lane_load.h). */
void lane_queue_tell_crowded(struct executor *executor, int lane);

#endif
