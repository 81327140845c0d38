/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/executor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/executor/core/turn.h"
#include "services/executor/shell/bars.h"
#include "services/executor/shell/beat.h"
#include "services/executor/shell/checks.h"
#include "services/executor/shell/dispatch.h"
#include "services/executor/shell/feed.h"
#include "services/executor/shell/holds.h"
#include "services/executor/shell/inbox.h"
#include "services/executor/shell/lane_load.h"
#include "services/executor/shell/lane_numbers.h"
#include "services/executor/shell/lanes.h"
#include "services/executor/shell/resync.h"
#include "services/executor/shell/sessions.h"
#include "services/executor/shell/statement.h"
#include "services/executor/shell/turn_run.h"

enum {
    TICK_US = 1000000,
    IDLE_MS = 250, /* longest wait, so that a queue held back by its rate goes on in time */
    CONNECT_TIMEOUT_MS = 3000,
    DRAIN_CALLS_MAX = 64, /* looks at the venue's queue in one turn */
    REFUSED_WAIT_MS = 250,
    REFUSED_WAIT_MAX_MS = 30000,
    REFUSED_FORGOTTEN_US = 30000000, /* so long after the wait without another refusal, all is well */
};

/* PostgreSQL refuses what we ask of it, or there is no memory for what it says. Taking the lanes anew at once
 * would only burn sequence numbers: each time in a row waits twice as long as the one before. */
static void back_off(struct executor *executor)
{
    int64_t wait_ms = (int64_t)REFUSED_WAIT_MS << (executor->refused < 8 ? executor->refused : 8);
    executor->refused++;
    executor->not_before_us =
        clock_monotonic_us() + (wait_ms < REFUSED_WAIT_MAX_MS ? wait_ms : REFUSED_WAIT_MAX_MS) * 1000;
}

/* The database can no longer be relied on: closes every lane at the exchange, forgets all, disconnects.
 * `what` was being done and failed with r. */
static void lose(struct executor *executor, const char *what, int r)
{
    const char *why = db_error(executor->db);
    if (why[0] == '\0')
        why = r == -EBADMSG ? "a row cannot be read: a value is NULL or too large" : log_errno_name(r);
    LOG_ALARM(executor_log(executor), LOG_ERROR, "database_lost", "database_down", why, "oxectl doctor",
              LOG_TEXT("while", what), LOG_ERRNO(r), LOG_TEXT("sqlstate", db_sqlstate(executor->db)));
    metrics_add(executor->service->metrics, METRIC_DATABASE_LOST, 0, 1);
    /* The exchange first: after the lock is gone another executor may log on. */
    for (int lane = 0; lane < LANES_MAX; lane++)
        lanes_forget(executor, lane);
    order_table_clear(executor->open);
    due_heap_clear(&executor->due);
    turn_clear(executor->turn);
    executor->prices.count = 0;
    executor->connected = executor->planned = false;
    db_disconnect(executor->db);
    /* Where the connection is gone, or another has taken the lane, all may go well at once. */
    if (!db_is_lost(r) && r != -ESTALE)
        back_off(executor);
    health_set(executor->service->health, CHECK_POSTGRESQL, HEALTH_FAILING, what);
    sessions_report_health(executor);
}

static void on_price(struct executor *executor, const struct venue_event *event)
{
    prices_note(&executor->prices, event->symbol, event->last_price);
}

static void on_venue_event(void *context, const struct venue_event *event)
{
    /* The others are about orders. */
    static void (*const handlers[])(struct executor * executor, const struct venue_event *event) = {
        [VENUE_READY] = sessions_on_ready,
        [VENUE_DOWN] = sessions_on_down,
        [VENUE_UNREACHABLE] = sessions_on_unreachable,
        [VENUE_SEQUENCE_RESET] = sessions_on_reset,
        [VENUE_BEGAN_ANEW] = sessions_on_anew,
        [VENUE_PRICE] = on_price,
    };
    struct executor *executor = context;
    struct lane *lane = &executor->lanes[event->lane];
    if (!lane->owned)
        return;
    if (event->in_seq > lane->in_seen && event->type != VENUE_SEQUENCE_RESET)
        lane->in_seen = event->in_seq;
    if (handlers[event->type] != NULL)
        handlers[event->type](executor, event);
    else if (event->type != VENUE_SEQUENCE) /* in_seen tells that */
        turn_add_report(executor->turn, event);
}

static void drain_venue(struct executor *executor)
{
    for (int i = 0; i < DRAIN_CALLS_MAX; i++) {
        size_t room = turn_room(executor->turn);
        if (room == 0 || executor->ops->drain(executor->venue, (int)room, on_venue_event, executor) == 0)
            return;
    }
}

/* What is done in one round trip: the sign of life, prices, sequence numbers that only
 * housekeeping moved. */
static int tick_statements(struct executor *executor)
{
    size_t live, advance = 0;
    int r = db_pipeline_begin(executor->db);
    if (r < 0)
        return r;
    db_args_text(&executor->args, executor->process);
    (void)statement_send(executor, SQL_BEAT);
    live = statement_send(executor, SQL_COUNT_LIVE);
    size_t lane_count = lane_numbers_add(executor);
    if (lane_count > 0)
        advance = statement_send(executor, SQL_ADVANCE_LANES);
    if (sessions_write_args(executor) > 0)
        (void)statement_send(executor, SQL_WRITE_SESSIONS);
    bars_send(executor);
    r = db_pipeline_end(executor->db, EXECUTOR_DB_TIMEOUT_MS);
    if (r == 0 && lane_count > 0)
        r = lane_numbers_check(db_result(executor->db, advance), lane_count);
    if (r < 0)
        return r;
    lane_numbers_advanced(executor);
    sessions_written(executor);
    bars_written(executor);
    executor->live = (int)db_get_i64(db_result(executor->db, live), 0, 0);
    return 0;
}

/* All is well again: a turn has committed, or nothing was refused for a while. */
static void forgive(struct executor *executor)
{
    if (executor->refused == 0)
        return;
    executor->refused = 0;
    health_set(executor->service->health, CHECK_POSTGRESQL, HEALTH_OK, NULL);
}

/* When the tick or what is left of it is due; monotonic. */
static int64_t tick_due_us(const struct executor *executor)
{
    return executor->next_beat_us < executor->next_tick_us ? executor->next_beat_us : executor->next_tick_us;
}

/* What is done each second, one part in a pass of the loop: all of them take 10 to 30 ms, which an order
 * would wait. The sign of life does not wait for the other parts. */
static int tick(struct executor *executor)
{
    static int (*const parts[])(struct executor * executor) = {beat_end_frozen, lanes_share_out, feed_follow,
                                                               lane_load_rest,  resync_run,      inbox_sweep};
    int64_t now_us = clock_monotonic_us();
    if (now_us > executor->not_before_us + REFUSED_FORGOTTEN_US)
        forgive(executor);
    /* The reports that wait for the next turn have moved in_seen: the numbers go with their effects, never
     * before. */
    if (executor->turn->report_count > 0)
        return 0;
    if (now_us >= executor->next_beat_us) {
        executor->next_beat_us = now_us + TICK_US;
        return tick_statements(executor);
    }
    int r = parts[executor->tick_part](executor);
    executor->tick_part = (executor->tick_part + 1) % ARRAY_LEN(parts);
    if (executor->tick_part > 0)
        return r;
    checks_compact(executor);
    executor->next_tick_us = now_us + TICK_US;
    sessions_report_health(executor);
    return r;
}

/* How this connection plans its statements, and whether the trading day can be told. */
static int begin_session(struct executor *executor)
{
    executor->today = (struct trading_day){.day = 0};
    db_args_text(&executor->args, executor->config->trading_tz);
    db_args_text(&executor->args, executor->config->trading_day_start);
    return statement_run(executor, SQL_SESSION, NULL);
}

/* -EINVAL: the process must not run; -ENOTCONN: not now. */
static int connect_database(struct executor *executor)
{
    if (executor->connected && db_connected(executor->db))
        return 0;
    if (clock_monotonic_us() < executor->not_before_us)
        return -ENOTCONN;
    int r = db_ensure(executor->db, CONNECT_TIMEOUT_MS);
    if (r < 0) {
        health_set(executor->service->health, CHECK_POSTGRESQL, HEALTH_FAILING, db_error(executor->db));
        return -ENOTCONN;
    }
    r = begin_session(executor);
    if (r == 0)
        r = lanes_prepare(executor);
    if (r == -EINVAL)
        return r;
    if (r < 0) {
        lose(executor, "preparing the connection", r);
        return -ENOTCONN;
    }
    executor->connected = true;
    executor->next_beat_us = executor->next_tick_us = 0;
    executor->tick_part = 0;
    /* After a refusal only a turn that commits says that all is well. */
    if (executor->refused == 0)
        health_set(executor->service->health, CHECK_POSTGRESQL, HEALTH_OK, NULL);
    LOG(executor_log(executor), LOG_INFO, "database_connected");
    return 0;
}

static int wait_ms(const struct executor *executor)
{
    if (executor->connected && (executor->commands_due || executor->turn->tick_count > 0))
        return 0;
    if (!executor->connected) {
        int64_t refused_ms = (executor->not_before_us - clock_monotonic_us() + 999) / 1000;
        int retry_ms = db_retry_in_ms(executor->db);
        retry_ms = refused_ms > retry_ms ? (int)refused_ms : retry_ms;
        return retry_ms < IDLE_MS ? retry_ms + 1 : IDLE_MS;
    }
    int64_t left_us = tick_due_us(executor) - clock_monotonic_us();
    for (const struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        /* Without a rate what waits goes at once; with one it is looked at again soon. */
        size_t urgent = lane->cancels.count + lane->asks.count;
        if (lane->ready && (urgent > 0 || (lane->waiting.count > 0 && !lane->handing_over)))
            left_us = lane->rate.per_minute_milli == 0 ? 0 : left_us < 50000 ? left_us : 50000;
    }
    left_us = dispatch_anew_wait_us(executor, left_us);
    left_us = checks_wait_us(executor, clock_now(), left_us);
    int64_t ms = left_us <= 0 ? 0 : (left_us + 999) / 1000;
    return ms < IDLE_MS ? (int)ms : IDLE_MS;
}

static int poll_all(struct executor *executor, int timeout_ms, bool *ret_database)
{
    const int fds[] = {executor->service->stop_fd, executor->ops->event_fd(executor->venue),
                       db_fd(executor->db)};
    bool ready[LANES_MAX + ARRAY_LEN(fds)];
    /* While stopping the descriptor is readable for ever. */
    const int *first = executor->stopping ? &fds[1] : fds;
    size_t count = executor->stopping ? 2 : 3;
    int r = pipe_poll(executor->lane_pipes, LANES_MAX, first, count, timeout_ms, ready);
    *ret_database = r > 0 && ready[LANES_MAX + count - 1];
    return r;
}

static size_t gathered(const struct executor *executor)
{
    size_t facts = executor->turn->report_count;
    for (int i = 0; i < LANES_MAX; i++)
        facts += executor->lanes[i].ready ? executor->lanes[i].waiting.count : 0;
    return facts;
}

/* Under load a turn waits a little, so that many facts share one commit; a lone order never waits. */
static void linger(struct executor *executor)
{
    int64_t until_us = clock_monotonic_us() + TURN_LINGER_US;
    bool database;
    while (executor->last_batch >= TURN_LINGER_AFTER && gathered(executor) < TURN_LINGER_FACTS &&
           clock_monotonic_us() < until_us) {
        if (poll_all(executor, 1, &database) <= 0 || database)
            return;
        drain_venue(executor);
        inbox_receive(executor);
    }
}

static int step(struct executor *executor)
{
    bool database = false, committed = false;
    int r = connect_database(executor);
    if (r == -EINVAL)
        return r;
    (void)poll_all(executor, wait_ms(executor), &database);
    service_beat(executor->service);
    if (!executor->connected)
        return 0;
    if (database && db_check(executor->db) < 0) {
        lose(executor, "waiting", -ENOTCONN);
        return 0;
    }
    if (!executor->anew_alone) {
        drain_venue(executor);
        inbox_receive(executor);
        linger(executor);
    }
    executor->anew_alone = false;
    const char *what = "looking at held orders";
    r = holds_look(executor);
    if (r == 0) {
        what = "a turn";
        r = turn_run(executor, &committed);
    }
    if (committed)
        forgive(executor);
    if (r == 0)
        dispatch_urgent(executor);
    if (r == 0) {
        what = "letting go of lanes";
        r = lanes_finish_hand_over(executor);
    }
    if (r == 0 && clock_monotonic_us() >= tick_due_us(executor)) {
        what = "the tick";
        r = tick(executor);
    }
    if (r < 0)
        lose(executor, what, r);
    return 0;
}

/* Drains what is in flight, hands every lane over, and signs off. */
static void finish(struct executor *executor)
{
    executor->stopping = true;
    health_set_draining(executor->service->health);
    lanes_hand_over_all(executor);
    while (executor->connected && executor_owned(executor) != 0 && step(executor) == 0)
        log_flush();
    db_args_text(&executor->args, executor->process);
    if (executor->connected)
        (void)statement_run(executor, SQL_END_BEAT, NULL);
}

static int create_venue(struct executor *executor)
{
    const struct executor_config *config = executor->config;
    struct venue_fix_config fix = {
        .host = config->fix_host,
        .port = (int)config->fix_port,
        .sender_prefix = config->fix_sender_prefix,
        .target_comp_id = config->fix_target,
        .heartbeat_seconds = (int)(config->fix_heartbeat_ms / 1000),
        .reconnect_seconds = 1,
        .name = config->venue,
        .capabilities = {.refuses_known_ids = config->refuses_known_ids},
    };
    int r = venue_fix_create(&fix, &executor->ops, &executor->venue);
    if (r == 0)
        executor->policy.refuses_known_ids = executor->ops->capabilities.refuses_known_ids;
    return r;
}

static int create_pipes(struct executor *executor)
{
    struct pipe_keys keys = pipe_config_keys(&executor->config->pipe);
    int r = pipe_context_create(&keys, &executor->pipe_context);
    const struct config_list *writers = &executor->config->audit_writers;
    for (size_t i = 0; r == 0 && i < writers->count; i++)
        r = pipe_connect(executor->pipe_context, PIPE_PUSH, writers->items[i], 0, &executor->wakes[i]);
    return r;
}

static int create(struct executor *executor)
{
    const struct executor_config *config = executor->config;
    executor->policy = (struct execute_policy){.venue = config->venue,
                                               .actor = "executor",
                                               .attempts_max = (int)config->attempts_max,
                                               .answer_timeout_us = config->retry_timeout_ms * 1000,
                                               .retry_delay_us = config->retry_delay_ms * 1000,
                                               .status_timeout_us = config->status_timeout_ms * 1000,
                                               .decision_age_max_us = config->decision_age_max_ms * 1000};
    executor->sweep_lane = -1;
    executor->live = 1;
    executor->steady_us = clock_monotonic_us();
    (void)snprintf(executor->process, sizeof(executor->process), "executor-%s", config->common.instance);
    int r = decimal_parse(config->market_collar_pct, strlen(config->market_collar_pct),
                          &executor->market_collar_pct);
    assert(r == 0); /* suite_config_check_percent */
    r = turn_create(&executor->policy, &executor->ids, &executor->turn);
    if (r == 0)
        r = order_table_create((size_t)config->open_orders_max, &executor->open);
    if (r == 0)
        r = create_pipes(executor);
    if (r == 0)
        r = db_create(config->database, "oxe-executor", statements, SQL_COUNT, &executor->db);
    return r < 0 ? r : create_venue(executor);
}

static void destroy(struct executor **pointer)
{
    struct executor *executor = *pointer;
    if (executor == NULL)
        return;
    for (int lane = 0; executor->venue != NULL && lane < LANES_MAX; lane++)
        lanes_forget(executor, lane);
    if (executor->venue != NULL)
        executor->ops->destroy(&executor->venue);
    db_destroy(&executor->db);
    for (size_t i = 0; i < CONFIG_LIST_MAX; i++)
        pipe_destroy(&executor->wakes[i]);
    pipe_context_destroy(&executor->pipe_context);
    order_table_destroy(&executor->open);
    due_heap_release(&executor->due);
    turn_destroy(&executor->turn);
    db_args_release(&executor->args);
    buffer_release(&executor->message);
    free(executor);
    *pointer = NULL;
}

int executor_run(struct service *service)
{
    struct executor *executor = calloc(1, sizeof(*executor));
    if (executor == NULL)
        return -ENOMEM;
    executor->service = service;
    executor->config = service->config;
    int r = create(executor);
    log_gather(true);
    while (r == 0 && !service_stopping(service)) {
        r = step(executor);
        log_flush();
    }
    if (r == 0)
        finish(executor);
    else
        LOG_ALARM(executor_log(executor), LOG_ERROR, "executor_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    destroy(&executor);
    log_gather(false);
    return r;
}
