/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/lanes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "services/executor/core/lane_set.h"
#include "services/executor/shell/lane_load.h"
#include "services/executor/shell/lane_numbers.h"
#include "services/executor/shell/statement.h"

int lanes_prepare(struct executor *executor)
{
    const PGresult *result;
    db_args_i64(&executor->args, executor->config->lanes);
    int r = statement_run(executor, SQL_MAKE_LANES, NULL);
    if (r == 0)
        r = statement_run(executor, SQL_COUNT_LANES, &result);
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
    db_args_i64(&executor->args, number);
    db_args_text(&executor->args, executor->config->common.instance);
    db_args_i64(&executor->args, LANE_NUMBERS_BLOCK);
    int r = statement_run(executor, SQL_TAKE_LANE, &result);
    if (r < 0)
        return r;
    *lane = (struct lane){.owned = true, .number = number, .epoch = db_get_i64(result, 0, 0)};
    lane->in_committed = lane->in_seen = (uint64_t)db_get_i64(result, 0, 1);
    lane->out_reserved = (uint64_t)db_get_i64(result, 0, 2);
    executor->commands_due = true;
    rate_init(&lane->rate, executor->config->rate_limit, (int)executor->config->lanes, clock_monotonic_us());
    r = lane_load(executor, number);
    if (r == 0)
        r = connect_pipe(executor, number);
    if (r == 0)
        r = executor->ops->open(executor->venue, number, lane->in_committed + 1,
                                lane->out_reserved - LANE_NUMBERS_BLOCK + 1);
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
    const int *lane;
    int got[LANES_MAX], got_count = 0;
    db_args_i64(&executor->args, LANE_LOCK_CLASS);
    DB_ARGS_COLUMN(&executor->args, lane, lanes, count, true, db_args_i64(&executor->args, *lane));
    int r = statement_run(executor, SQL_TRY_LANES, &result);
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
    if (executor->stopping)
        return 0;
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
    for (const struct open_order *open = NULL; (open = order_table_next(executor->open, open)) != NULL;) {
        if (open->lane == lane && open->unanswered)
            return true;
    }
    return false;
}

static int release(struct executor *executor, int number)
{
    int64_t epoch = executor->lanes[number].epoch;
    /* First the session, then the lock: the next owner logs on with the same names. */
    lanes_forget(executor, number);
    db_args_i64(&executor->args, LANE_LOCK_CLASS);
    db_args_i64(&executor->args, number);
    db_args_i64(&executor->args, epoch);
    int r = statement_run(executor, SQL_RELEASE_LANE, NULL);
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

void lanes_add_owned(struct executor *executor)
{
    const struct lane *lane;
    DB_ARGS_COLUMN(&executor->args, lane, executor->lanes, LANES_MAX, lane->owned,
                   db_args_i64(&executor->args, lane->number));
}
