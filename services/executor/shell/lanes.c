/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/lanes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "services/executor/core/lane_set.h"
#include "services/executor/core/turn.h"
#include "services/executor/shell/lane_load.h"

enum {
    RECEIVE_MAX = 16, /* messages of a lane in one turn, each of up to 256 orders */
    SWEEP_PAGE = 2000,
    SWEEP_RECENT_MAX = 1000,
    SWEEP_RECENT_MS = 10000, /* how old the ids are that the sweep looks at each time */
};

int lanes_prepare(struct executor *executor)
{
    const PGresult *result;
    db_args_clear(&executor->args);
    db_args_i64(&executor->args, executor->config->lanes);
    int r = db_run(executor->db, SQL_MAKE_LANES, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r == 0)
        r = db_run(executor->db, SQL_COUNT_LANES, NULL, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r < 0)
        return r;
    int64_t rows = db_get_i64(result, 0, 0);
    if (rows <= executor->config->lanes)
        return 0;
    LOG_ALARM(executor_log(executor), LOG_ERROR, "lanes_shrunk", "process_down",
              "OXE_LANES may only grow: orders of the lanes that it leaves out would never be sent",
              "oxectl lanes", LOG_I64("configured", executor->config->lanes), LOG_I64("existing", rows));
    return -EINVAL;
}

static int connect_pipe(struct executor *executor, int lane)
{
    const struct config_list *bases = &executor->config->risk_lanes;
    for (size_t i = 0; i < bases->count; i++) {
        char endpoint[LANE_ENDPOINT_MAX];
        int r = lane_endpoint(bases->items[i], lane, endpoint);
        if (r == 0)
            r = executor->lane_pipes[lane] == NULL ? pipe_connect(executor->pipe_context, PIPE_PULL, endpoint,
                                                                  0, &executor->lane_pipes[lane])
                                                   : pipe_also_connect(executor->lane_pipes[lane], endpoint);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The lane's lock is held: makes it ours. */
static int take(struct executor *executor, int number)
{
    struct lane *lane = &executor->lanes[number];
    const PGresult *result;
    db_args_clear(&executor->args);
    db_args_i64(&executor->args, number);
    db_args_text(&executor->args, executor->config->common.instance);
    db_args_i64(&executor->args, EXECUTOR_OUT_BLOCK);
    int r = db_run(executor->db, SQL_TAKE_LANE, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r < 0)
        return r;
    *lane = (struct lane){.owned = true, .epoch = db_get_i64(result, 0, 0)};
    lane->in_committed = lane->in_seen = (uint64_t)db_get_i64(result, 0, 1);
    lane->out_reserved = (uint64_t)db_get_i64(result, 0, 2);
    executor->commands_due = true;
    rate_init(&lane->rate, executor->config->rate_limit, (int)executor->config->lanes, clock_monotonic_us());
    r = lane_load(executor, number);
    if (r == 0)
        r = connect_pipe(executor, number);
    if (r == 0)
        r = executor->ops->open(executor->venue, number, lane->in_committed + 1,
                                lane->out_reserved - EXECUTOR_OUT_BLOCK + 1);
    if (r < 0)
        return r;
    LOG(executor_log(executor), LOG_INFO, "lane_taken", LOG_I64("lane", number),
        LOG_I64("epoch", lane->epoch), LOG_I64("in_seq", lane->in_committed),
        LOG_I64("orders", order_table_count(executor->open)));
    return 0;
}

/* Tries the locks of `count` lanes and takes those that were free. */
static int try_lanes(struct executor *executor, const int *lanes, int count, int *ret_taken)
{
    const PGresult *result;
    int got[LANES_MAX], got_count = 0;
    db_args_clear(&executor->args);
    db_args_i64(&executor->args, LANE_LOCK_CLASS);
    db_args_array_begin(&executor->args);
    for (int i = 0; i < count; i++)
        db_args_i64(&executor->args, lanes[i]);
    db_args_array_end(&executor->args);
    int r = db_run(executor->db, SQL_TRY_LANES, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r < 0)
        return r;
    for (int row = 0; row < PQntuples(result); row++) {
        if (db_get_bool(result, row, 1))
            got[got_count++] = (int)db_get_i64(result, row, 0);
    }
    for (int i = 0; i < got_count && r == 0; i++)
        r = take(executor, got[i]);
    *ret_taken = got_count;
    return r;
}

int lanes_take_anew(struct executor *executor, int number)
{
    lanes_forget(executor, number); /* the lock stays */
    return take(executor, number);
}

static void begin_hand_over(struct executor *executor, int number)
{
    struct lane *lane = &executor->lanes[number];
    if (lane->handing_over)
        return;
    lane->handing_over = true;
    lane->hand_over_at_us = clock_monotonic_us() + EXECUTOR_DRAIN_MS * INT64_C(1000);
    LOG(executor_log(executor), LOG_INFO, "lane_draining", LOG_I64("lane", number));
}

int lanes_share_out(struct executor *executor)
{
    struct lane_plan plan;
    struct uuid place;
    memset(&place, 0, sizeof(place));
    const char *instance = executor->config->common.instance;
    memcpy(place.bytes, instance, strnlen(instance, sizeof(place.bytes)));
    lane_set_plan((int)executor->config->lanes, executor_owned(executor), executor->live, uuid_hash(place),
                  &plan);
    for (int lane = 0; lane < LANES_MAX; lane++) {
        if ((plan.hand_over & lane_bit(lane)) != 0)
            begin_hand_over(executor, lane);
        else if (executor->lanes[lane].handing_over)
            executor->lanes[lane].handing_over = false; /* another executor has gone meanwhile */
    }
    int r = 0, tried = 0;
    while (r == 0 && plan.take_count > 0 && tried < plan.candidate_count) {
        int left = plan.candidate_count - tried, taken = 0;
        int count = plan.take_count < left ? plan.take_count : left;
        r = try_lanes(executor, &plan.candidates[tried], count, &taken);
        tried += count;
        plan.take_count -= taken;
    }
    executor->planned = executor->planned || r == 0;
    return r;
}

static bool has_unanswered(const struct executor *executor, int lane)
{
    size_t cursor = 0;
    const struct open_order *open;
    while ((open = order_table_next(executor->open, &cursor)) != NULL) {
        if (open->lane == lane && open->unanswered)
            return true;
    }
    return false;
}

static int release(struct executor *executor, int number)
{
    const PGresult *result;
    int64_t epoch = executor->lanes[number].epoch;
    /* First the session, then the lock: the next owner logs on with the same names. */
    lanes_forget(executor, number);
    db_args_clear(&executor->args);
    db_args_i64(&executor->args, LANE_LOCK_CLASS);
    db_args_i64(&executor->args, number);
    db_args_i64(&executor->args, epoch);
    int r = db_run(executor->db, SQL_RELEASE_LANE, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r == 0)
        LOG(executor_log(executor), LOG_INFO, "lane_released", LOG_I64("lane", number));
    return r;
}

int lanes_finish_hand_over(struct executor *executor)
{
    int r = 0;
    for (int number = 0; number < LANES_MAX && r == 0; number++) {
        const struct lane *lane = &executor->lanes[number];
        if (!lane->owned || !lane->handing_over)
            continue;
        if (!lane->ready || clock_monotonic_us() >= lane->hand_over_at_us ||
            !has_unanswered(executor, number))
            r = release(executor, number);
    }
    return r;
}

void lanes_hand_over_all(struct executor *executor)
{
    for (int lane = 0; lane < LANES_MAX; lane++) {
        if (executor->lanes[lane].owned)
            begin_hand_over(executor, lane);
    }
}

void lanes_forget(struct executor *executor, int number)
{
    struct lane *lane = &executor->lanes[number];
    if (!lane->owned)
        return;
    executor->ops->close(executor->venue, number);
    pipe_destroy(&executor->lane_pipes[number]);
    order_table_remove_lane(executor->open, number);
    id_queue_release(&lane->waiting);
    id_queue_release(&lane->anew);
    id_queue_release(&lane->held);
    id_queue_release(&lane->asks);
    id_queue_release(&lane->cancels);
    *lane = (struct lane){0};
}

void lanes_enqueue(struct executor *executor, int lane, struct uuid order_id)
{
    /* Known already, or no room: nothing to do, the sweep comes by again. */
    int r = order_table_put_waiting(executor->open, order_id, lane);
    if (r == -ENOSPC)
        lane_load_tell_crowded(executor, lane);
    if (r == 0 && id_queue_push(&executor->lanes[lane].waiting, order_id) < 0)
        order_table_remove(executor->open, order_id);
}

void lanes_ask(struct executor *executor, struct open_order *open)
{
    if (!open->ask_waits && id_queue_push(&executor->lanes[open->lane].asks, open->order.order_id) == 0)
        open->ask_waits = true;
}

void lanes_amend(struct executor *executor, struct open_order *open)
{
    if (!open->cancel_waits && id_queue_push(&executor->lanes[open->lane].cancels, open->order.order_id) == 0)
        open->cancel_waits = true;
}

static void add_owned(struct executor *executor)
{
    db_args_clear(&executor->args);
    db_args_array_begin(&executor->args);
    for (int lane = 0; lane < LANES_MAX; lane++) {
        if (executor->lanes[lane].owned)
            db_args_i64(&executor->args, lane);
    }
    db_args_array_end(&executor->args);
}

static int sweep_recent(struct executor *executor, struct instant now)
{
    const PGresult *result;
    struct uuid from;
    memset(&from, 0, sizeof(from));
    uint64_t since_ms = (uint64_t)(now.us / 1000 - SWEEP_RECENT_MS);
    for (int i = 0; i < 6; i++) /* a UUIDv7 begins with its milliseconds */
        from.bytes[i] = (uint8_t)(since_ms >> (8 * (5 - i)));
    add_owned(executor);
    db_args_uuid(&executor->args, from);
    db_args_i64(&executor->args, SWEEP_RECENT_MAX);
    int r = db_run(executor->db, SQL_SWEEP_RECENT, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    for (int row = 0; r == 0 && row < PQntuples(result); row++)
        lanes_enqueue(executor, (int)db_get_i64(result, row, 0), db_get_uuid(result, row, 1));
    return r;
}

/* An order that must no longer be sent: cancelled, or too old. Without room in this turn the next sweep
 * brings it. */
static void end_unsent(struct executor *executor, int lane, struct uuid id, struct uuid trader_id,
                       const char *symbol)
{
    if (turn_add_tick(executor->turn, id, trader_id, symbol, ORDER_DUE_TIME))
        executor->lanes[lane].touched = true;
}

static int sweep_page(struct executor *executor, struct instant now)
{
    const PGresult *result;
    add_owned(executor);
    db_args_i64(&executor->args, executor->sweep_lane);
    db_args_uuid(&executor->args, executor->sweep_id);
    db_args_i64(&executor->args, SWEEP_PAGE);
    db_args_instant(&executor->args, now);
    int r = db_run(executor->db, SQL_SWEEP, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
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
        if (db_get_bool(result, row, 5))
            end_unsent(executor, lane, id, db_get_uuid(result, row, 2), db_get_text(result, row, 3));
        else
            lanes_enqueue(executor, lane, id);
    }
    if (rows < SWEEP_PAGE) { /* the end: begin anew */
        executor->sweep_lane = -1;
        memset(&executor->sweep_id, 0, sizeof(executor->sweep_id));
    }
    return 0;
}

int lanes_sweep(struct executor *executor)
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
    struct received *received = executor->received;
    int r = envelope_decode(bytes, length, &envelope);
    if (r == 0 && envelope.type == MESSAGE_COMMANDED) {
        r = commanded_decode(bytes, length, &envelope, &received->commanded);
        if (r == 0 && received->commanded.lane != (uint64_t)lane)
            r = -EBADMSG;
        executor->commands_due = executor->commands_due || r == 0;
        return r;
    }
    if (r == 0)
        r = admitted_decode(bytes, length, &envelope, &received->admitted);
    if (r == 0 && received->admitted.lane != (uint64_t)lane)
        r = -EBADMSG;
    for (size_t i = 0; r == 0 && i < received->admitted.orders_count; i++)
        lanes_enqueue(executor, lane, received->admitted.orders[i].order_id);
    return r;
}

void lanes_receive(struct executor *executor)
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

/* Whether the next block of outgoing numbers is due. */
static bool runs_low(const struct executor *executor, int number)
{
    const struct lane *lane = &executor->lanes[number];
    return executor->ops->next_out(executor->venue, number) + EXECUTOR_OUT_LOW > lane->out_reserved;
}

size_t lanes_advance_args(struct executor *executor, struct db_args *args)
{
    bool moves[LANES_MAX] = {false};
    size_t count = 0;
    for (int i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &executor->lanes[i];
        if (!lane->owned)
            continue;
        lane->out_more = runs_low(executor, i) ? EXECUTOR_OUT_BLOCK : 0;
        moves[i] =
            lane->touched || lane->out_more > 0 || lane->in_seen != lane->in_committed || lane->renumbered;
        count += moves[i];
    }
    if (count == 0)
        return 0;
    for (int column = 0; column < 6; column++) {
        db_args_array_begin(args);
        for (int i = 0; i < LANES_MAX; i++) {
            const struct lane *lane = &executor->lanes[i];
            const int64_t values[] = {i,
                                      lane->epoch,
                                      (int64_t)lane->in_committed,
                                      (int64_t)lane->in_seen,
                                      (int64_t)lane->out_more,
                                      lane->renumbered};
            if (moves[i])
                db_args_i64(args, values[column]);
        }
        db_args_array_end(args);
    }
    return count;
}

int lanes_check_advance(const PGresult *result, size_t count)
{
    return result != NULL && (size_t)PQntuples(result) == count ? 0 : -ESTALE;
}

void lanes_advanced(struct executor *executor)
{
    for (int i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &executor->lanes[i];
        lane->in_committed = lane->in_seen;
        lane->out_reserved += lane->out_more;
        lane->out_more = 0;
        lane->touched = lane->renumbered = false;
    }
}
