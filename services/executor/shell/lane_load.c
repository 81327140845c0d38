/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/lane_load.h"

#include <errno.h>
#include <string.h>

#include "services/executor/shell/beat.h"
#include "services/executor/shell/checks.h"
#include "services/executor/shell/lane_queue.h"
#include "services/executor/shell/order_row.h"
#include "services/executor/shell/statement.h"

enum { PAGE = 1000 }; /* orders */

int lane_load_keep(struct executor *executor, const struct execution *order)
{
    int r = order_table_put(executor->open, order);
    if (r == -ENOSPC) {
        executor->lanes[order->lane].left_out = true;
        lane_queue_tell_crowded(executor, order->lane);
        return 0;
    }
    return r < 0 ? r : checks_arm(executor, order_table_find(executor->open, order->id));
}

/* An order of a lane that was crowded: what was missed about it is asked now, as after a logon. */
static int take_up(struct executor *executor, const struct execution *order)
{
    if (order_table_find(executor->open, order->id) != NULL)
        return 0;
    int r = lane_load_keep(executor, order);
    struct open_order *open = r < 0 ? NULL : order_table_find(executor->open, order->id);
    if (open != NULL && executor->lanes[order->lane].ready)
        checks_line(executor, open, ORDER_DUE_LINE_READY);
    return r;
}

static int load_page(struct executor *executor, int lane, struct uuid *behind, int *ret_rows)
{
    const PGresult *result;
    db_args_i64(&executor->args, lane);
    db_args_uuid(&executor->args, *behind);
    db_args_i64(&executor->args, PAGE);
    int r = statement_run(executor, SQL_LOAD_LANE, &result);
    if (r < 0)
        return r;
    struct row_reader reader;
    r = row_reader_open(result, &order_row_record, &reader);
    *ret_rows = PQntuples(result);
    for (int row = 0; r == 0 && row < *ret_rows; row++) {
        struct execution order;
        r = row_read(&reader, row, &order);
        *behind = order.id;
        if (r < 0)
            continue;
        if (order.state == EXECUTION_STATE_ADMITTED && order.cancel_requested_at.us == 0)
            lane_queue_add(executor, lane, order.id);
        else if (!execution_is_over(&order) && order.state != EXECUTION_STATE_ADMITTED)
            r = take_up(executor, &order);
    }
    return r;
}

/* A lane may have very many open orders: whoever reads them is alive all the while, and says so. */
int lane_load(struct executor *executor, int lane)
{
    struct uuid behind;
    int r, rows = PAGE;
    memset(&behind, 0, sizeof(behind));
    do {
        r = beat_write(executor);
        if (r == 0)
            r = load_page(executor, lane, &behind, &rows);
    } while (r == 0 && rows == PAGE);
    return r;
}

int lane_load_rest(struct executor *executor)
{
    int r = 0;
    for (struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        if (r < 0 || !lane->owned || !lane->crowded || !order_table_is_half_empty(executor->open))
            continue;
        bool left_out = lane->left_out;
        lane->crowded = lane->left_out = false;
        if (left_out)
            r = lane_load(executor, lane->number);
        if (r == 0 && !lane->crowded)
            LOG(executor_log(executor), LOG_INFO, "lane_has_room", LOG_I64("lane", lane->number),
                LOG_I64("orders", order_table_count(executor->open)));
    }
    return r;
}
