/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/shell/checks.h"
#include "services/executor/shell/lane_queue.h"
#include "services/executor/shell/statement.h"

enum { REFUSED_TOLD_US = 10000000 }; /* a refusal that goes on is logged again after so long */

#define ALARM_SESSION "session_down"
#define NEXT_LANES    "oxectl lanes"

/* event NULL: nothing is known but the session. */
static void note(struct lane *lane, enum lane_session session, const char *why,
                 const struct venue_event *event)
{
    static const struct venue_event nothing;
    const struct venue_event *told = event == NULL ? &nothing : event;
    const char *logout = told->logout_at == 0 ? "" : told->text + told->logout_at;
    if (lane->session == session && strcmp(lane->why, why) == 0 &&
        memcmp(&lane->numbers, &told->numbers, sizeof(lane->numbers)) == 0)
        return;
    lane->session = session;
    (void)snprintf(lane->why, sizeof(lane->why), "%s", why);
    (void)snprintf(lane->logout, sizeof(lane->logout), "%s", logout);
    lane->numbers = told->numbers;
    lane->session_moved = true;
}

/* The session stands: every order is asked about. One that was lost with the last session has its time. */
static void resume(struct executor *executor, struct open_order *open)
{
    if (open->due == ORDER_DUE_LINE_LOST)
        return;
    if (open->unanswered || open->cancels)
        checks_line(executor, open, ORDER_DUE_LINE_READY);
    else
        lane_queue_ask(executor, open);
}

void sessions_on_ready(struct executor *executor, const struct venue_event *event)
{
    struct lane *lane = &executor->lanes[event->lane];
    if (!lane->ready)
        lane->ready_us = clock_monotonic_us();
    lane->ready = true;
    note(lane, SESSION_READY, "", NULL);
    for (struct open_order *open = NULL; (open = order_table_next(executor->open, open)) != NULL;) {
        if (open->lane == event->lane && !open->waiting)
            resume(executor, open);
    }
    LOG(executor_log(executor), LOG_INFO, "lane_ready", LOG_I64("lane", lane->number),
        LOG_I64("questions", lane->asks.count), LOG_I64("waiting", lane->waiting.count));
}

static void lose_session(struct executor *executor, struct lane *lane)
{
    lane->ready = false;
    id_queue_release(&lane->asks);
    id_queue_release(&lane->cancels);
    for (struct open_order *open = NULL; (open = order_table_next(executor->open, open)) != NULL;) {
        if (open->lane != lane->number || open->waiting)
            continue;
        execution_session_lost(&open->questions);
        open->ask_waits = open->cancel_waits = false;
        if (open->unanswered)
            checks_line(executor, open, ORDER_DUE_LINE_LOST);
    }
}

/* A number of the exchange's or of ours; 0: there is none. */
#define LOG_NUMBERS(event)                                                                                   \
    LOG_TEXT("logout", (event)->logout_at == 0 ? NULL : (event)->text + (event)->logout_at),                 \
        LOG_I64("in_expected", (event)->numbers.in_expected),                                                \
        LOG_I64("in_received", (event)->numbers.in_received),                                                \
        LOG_I64("out_next", (event)->numbers.out_next),                                                      \
        LOG_I64("out_expected", (event)->numbers.out_expected)

/* The exchange was reached, and did not let the lane in. */
static void refused(struct executor *executor, struct lane *lane, const struct venue_event *event)
{
    int64_t now_us = clock_monotonic_us();
    metrics_add(executor->service->metrics, METRIC_LOGONS_REFUSED, 0, 1);
    if (lane->session != SESSION_REFUSED || now_us - lane->refused_told_us >= REFUSED_TOLD_US) {
        lane->refused_told_us = now_us;
        LOG_ALARM(executor_log(executor), LOG_ERROR, "lane_refused", ALARM_SESSION, event->text, NEXT_LANES,
                  LOG_I64("lane", lane->number), LOG_NUMBERS(event));
    }
    note(lane, SESSION_REFUSED, event->text, event);
}

void sessions_on_down(struct executor *executor, const struct venue_event *event)
{
    struct lane *lane = &executor->lanes[event->lane];
    if (lane->number == 0)
        prices_session_ended(&executor->prices);
    if (lane->ready) {
        LOG_ALARM(executor_log(executor), LOG_WARNING, "lane_down", ALARM_SESSION, event->text, NEXT_LANES,
                  LOG_I64("lane", lane->number), LOG_NUMBERS(event));
        note(lane, SESSION_DOWN, event->text, event);
    } else {
        refused(executor, lane, event);
    }
    lose_session(executor, lane);
}

void sessions_on_unreachable(struct executor *executor, const struct venue_event *event)
{
    LOG_ALARM(executor_log(executor), LOG_WARNING, "lane_unreachable", ALARM_SESSION, event->text, NEXT_LANES,
              LOG_I64("lane", event->lane));
    note(&executor->lanes[event->lane], SESSION_DOWN, event->text, event);
}

void sessions_on_reset(struct executor *executor, const struct venue_event *event)
{
    struct lane *lane = &executor->lanes[event->lane];
    LOG_ALARM(executor_log(executor), LOG_WARNING, "lane_sequence_reset", ALARM_SESSION,
              "the exchange has reset its numbers", NEXT_LANES, LOG_I64("lane", lane->number),
              LOG_I64("from", lane->in_seen), LOG_I64("to", event->in_seq));
    lane->in_seen = event->in_seq;
    if (lane->ready)
        sessions_on_ready(executor, event);
}

/* What the exchange repeats is taken as ever, each execution once. But that it does not know an order proves
 * nothing about what it did with it before. */
void sessions_on_anew(struct executor *executor, const struct venue_event *event)
{
    struct lane *lane = &executor->lanes[event->lane];
    size_t sent = 0;
    for (struct open_order *open = NULL; (open = order_table_next(executor->open, open)) != NULL;) {
        if (open->lane != lane->number || open->waiting)
            continue;
        open->questions.renumbered = true;
        sent++;
    }
    LOG_ALARM(executor_log(executor), LOG_ERROR, "lane_begins_anew", "order_in_doubt", event->text,
              "oxectl doubts", LOG_I64("lane", lane->number), LOG_I64("from", lane->in_seen),
              LOG_I64("open_orders", sent));
    lane->in_seen = 0;
    lane->renumbered = true;
}

static const char *session_text(uint32_t session)
{
    static const char *const texts[] = {
        [SESSION_DOWN] = "DOWN", [SESSION_REFUSED] = "REFUSED", [SESSION_READY] = "READY"};
    return texts[session];
}

static const struct schema_field fields[] = {
    ROW_FIELD(struct lane, lane, number),
    ROW_FIELD(struct lane, epoch, epoch),
    ROW_FIELD(struct lane, in_expected, numbers.in_expected),
    ROW_FIELD(struct lane, in_received, numbers.in_received),
    ROW_FIELD(struct lane, out_next, numbers.out_next),
    ROW_FIELD(struct lane, out_expected, numbers.out_expected),
    ROW_WORD(struct lane, session, session, session_text),
    ROW_FIELD(struct lane, why, why),
    ROW_FIELD(struct lane, logout_text, logout),
};
static const struct schema_record record = ROW_RECORD(struct lane, fields);

static bool has_moved(const void *item)
{
    const struct lane *lane = item;
    return lane->owned && lane->session_moved;
}

size_t sessions_write_args(struct executor *executor)
{
    return statement_add_rows(executor, &record, executor->lanes, sizeof(executor->lanes[0]), LANES_MAX,
                              has_moved);
}

void sessions_written(struct executor *executor)
{
    for (int i = 0; i < LANES_MAX; i++)
        executor->lanes[i].session_moved = false;
}

/* "7 of 8 lanes are up; lane 3: why" */
static void describe(const struct executor *executor, int owned, int ready, char text[HEALTH_DETAIL_MAX])
{
    int length = snprintf(text, HEALTH_DETAIL_MAX, "%d of %d lanes are up", ready, owned);
    for (int i = 0; i < LANES_MAX && length > 0 && length < HEALTH_DETAIL_MAX; i++) {
        const struct lane *lane = &executor->lanes[i];
        if (lane->owned && !lane->ready)
            length += snprintf(text + length, (size_t)(HEALTH_DETAIL_MAX - length), "; lane %d: %s", i,
                               lane->why[0] != '\0' ? lane->why : "not logged on yet");
    }
}

void sessions_report_health(struct executor *executor)
{
    struct health *health = executor->service->health;
    struct metrics *metrics = executor->service->metrics;
    int owned = 0, ready = 0;
    bool crowded = false;
    size_t waiting = 0, held = 0;
    for (int i = 0; i < LANES_MAX; i++) {
        const struct lane *lane = &executor->lanes[i];
        owned += lane->owned;
        ready += lane->ready;
        crowded |= lane->crowded;
        waiting += lane->waiting.count + lane->anew.count;
        held += lane->held.count;
        metrics_set(metrics, METRIC_LANE_DOWN, (size_t)i, lane->owned && !lane->ready);
        metrics_set(metrics, METRIC_LANE_IN_EXPECTED, (size_t)i, (int64_t)lane->numbers.in_expected);
        metrics_set(metrics, METRIC_LANE_IN_RECEIVED, (size_t)i, (int64_t)lane->numbers.in_received);
        metrics_set(metrics, METRIC_LANE_OUT_NEXT, (size_t)i, (int64_t)lane->numbers.out_next);
        metrics_set(metrics, METRIC_LANE_OUT_EXPECTED, (size_t)i, (int64_t)lane->numbers.out_expected);
    }
    char detail[HEALTH_DETAIL_MAX];
    describe(executor, owned, ready, detail);
    health_set(health, CHECK_EXCHANGE, ready == owned ? HEALTH_OK : HEALTH_DEGRADED, detail);
    (void)snprintf(detail, sizeof(detail), "%d of %d lanes are owned here%s", owned,
                   (int)executor->config->lanes,
                   crowded ? "; more orders are open than OXE_OPEN_ORDERS_MAX, new ones wait" : "");
    health_set(health, CHECK_LANES,
               !executor->planned ? HEALTH_FAILING
               : crowded          ? HEALTH_DEGRADED
                                  : HEALTH_OK,
               detail);
    metrics_set(metrics, METRIC_LANES_OWNED, 0, owned);
    metrics_set(metrics, METRIC_LANES_READY, 0, ready);
    metrics_set(metrics, METRIC_QUEUE, 0, (int64_t)waiting);
    metrics_set(metrics, METRIC_HELD, 0, (int64_t)held);
    metrics_set(metrics, METRIC_OPEN_ORDERS, 0,
                (int64_t)(order_table_count(executor->open) - waiting - held));
}
