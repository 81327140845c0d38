/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/inbox.h"

#include <errno.h>
#include <string.h>

#include "services/executor/core/turn.h"
#include "services/executor/shell/lane_queue.h"
#include "services/executor/shell/lanes.h"
#include "services/executor/shell/statement.h"

enum {
    RECEIVE_MAX = 16, /* messages of a lane in one turn, each of up to 256 orders */
    SWEEP_PAGE = 2000,
    SWEEP_RECENT_MAX = 1000,
    SWEEP_RECENT_MS = 10000, /* how old the ids are that the sweep looks at each time */
};

static int sweep_recent(struct executor *executor, struct instant now)
{
    const PGresult *result;
    struct uuid from;
    memset(&from, 0, sizeof(from));
    uint64_t since_ms = (uint64_t)(now.us / 1000 - SWEEP_RECENT_MS);
    for (int i = 0; i < 6; i++) /* a UUIDv7 begins with its milliseconds */
        from.bytes[i] = (uint8_t)(since_ms >> (8 * (5 - i)));
    lanes_add_owned(executor);
    db_args_uuid(&executor->args, from);
    db_args_i64(&executor->args, SWEEP_RECENT_MAX);
    int r = statement_run(executor, SQL_SWEEP_RECENT, &result);
    for (int row = 0; r == 0 && row < PQntuples(result); row++)
        lane_queue_add(executor, (int)db_get_i64(result, row, 0), db_get_uuid(result, row, 1));
    return r;
}

static int sweep_page(struct executor *executor, struct instant now)
{
    const PGresult *result;
    lanes_add_owned(executor);
    db_args_i64(&executor->args, executor->sweep_lane);
    db_args_uuid(&executor->args, executor->sweep_id);
    db_args_i64(&executor->args, SWEEP_PAGE);
    db_args_instant(&executor->args, now);
    int r = statement_run(executor, SQL_SWEEP, &result);
    if (r < 0)
        return r;
    int rows = PQntuples(result);
    for (int row = 0; row < rows; row++) {
        int lane = (int)db_get_i64(result, row, 0);
        struct uuid id = db_get_uuid(result, row, 1);
        executor->sweep_lane = lane;
        executor->sweep_id = id;
        if (!db_get_bool(result, row, 4))
            continue;
        if (!db_get_bool(result, row, 5))
            lane_queue_add(executor, lane, id);
        /* It must no longer be sent: cancelled, or too old. Without room the next sweep brings it. */
        else if (turn_add_tick(executor->turn, id, db_get_uuid(result, row, 2), db_get_text(result, row, 3),
                               ORDER_DUE_TIME))
            executor->lanes[lane].touched = true;
    }
    if (rows < SWEEP_PAGE) { /* the end: begin anew */
        executor->sweep_lane = -1;
        memset(&executor->sweep_id, 0, sizeof(executor->sweep_id));
    }
    return 0;
}

int inbox_sweep(struct executor *executor)
{
    if (executor_owned(executor) == 0)
        return 0;
    executor->commands_due = true;
    struct instant now = clock_now();
    int r = sweep_recent(executor, now);
    return r < 0 ? r : sweep_page(executor, now);
}

/* -EBADMSG: for another lane. */
static int receive(struct executor *executor, int lane, const uint8_t *bytes, size_t length)
{
    struct envelope envelope;
    int r = envelope_decode(bytes, length, &envelope);
    if (r == 0 && envelope.type == MESSAGE_COMMANDED) {
        r = commanded_decode(bytes, length, &envelope, &executor->commanded);
        if (r == 0 && executor->commanded.lane != (uint64_t)lane)
            r = -EBADMSG;
        executor->commands_due = executor->commands_due || r == 0;
        return r;
    }
    if (r == 0)
        r = admitted_decode(bytes, length, &envelope, &executor->admitted);
    if (r == 0 && executor->admitted.lane != (uint64_t)lane)
        r = -EBADMSG;
    for (size_t i = 0; r == 0 && i < executor->admitted.orders_count; i++)
        lane_queue_add(executor, lane, executor->admitted.orders[i].order_id);
    return r;
}

void inbox_receive(struct executor *executor)
{
    const uint8_t *bytes;
    size_t length;
    for (int lane = 0; lane < LANES_MAX; lane++) {
        struct pipe *pipe = executor->lane_pipes[lane];
        for (int i = 0; pipe != NULL && i < RECEIVE_MAX && pipe_receive(pipe, &bytes, &length) == 0; i++) {
            int r = receive(executor, lane, bytes, length);
            if (r == 0)
                continue;
            metrics_add(executor->service->metrics, METRIC_BAD_MESSAGES, 0, 1);
            LOG(executor_log(executor), LOG_WARNING, "bad_message", LOG_I64("lane", lane), LOG_ERRNO(r));
        }
    }
}
