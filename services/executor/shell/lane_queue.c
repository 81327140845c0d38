/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/lane_queue.h"

#include <errno.h>

void lane_queue_tell_crowded(struct executor *executor, int number)
{
    struct lane *lane = &executor->lanes[number];
    if (lane->crowded)
        return;
    lane->crowded = true;
    LOG_ALARM(executor_log(executor), LOG_ERROR, "lane_crowded", "order_waiting",
              "more orders are open than OXE_OPEN_ORDERS_MAX allows; new ones wait. Raise it, or run "
              "more executors",
              "oxectl lanes", LOG_I64("lane", number), LOG_I64("orders", order_table_count(executor->open)));
}

void lane_queue_add(struct executor *executor, int lane, struct uuid order_id)
{
    /* Known already, or no room: nothing to do, the sweep comes by again. */
    int r = order_table_put_waiting(executor->open, order_id, lane);
    if (r == -ENOSPC)
        lane_queue_tell_crowded(executor, lane);
    if (r == 0 && id_queue_push(&executor->lanes[lane].waiting, order_id) < 0)
        order_table_remove(executor->open, order_id);
}

void lane_queue_ask(struct executor *executor, struct open_order *open)
{
    if (!open->ask_waits && id_queue_push(&executor->lanes[open->lane].asks, open->order.order_id) == 0)
        open->ask_waits = true;
}

void lane_queue_amend(struct executor *executor, struct open_order *open)
{
    if (!open->cancel_waits && id_queue_push(&executor->lanes[open->lane].cancels, open->order.order_id) == 0)
        open->cancel_waits = true;
}
