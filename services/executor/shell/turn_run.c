/* SPDX-License-Identifier: Apache-2.0 */
/* The shell of a turn: what goes into it, and what follows from it after the commit. */
#include <errno.h>
#include <string.h>

#include "services/executor/shell/checks.h"
#include "services/executor/shell/dispatch.h"
#include "services/executor/shell/holds.h"
#include "services/executor/shell/lane_load.h"
#include "services/executor/shell/lane_numbers.h"
#include "services/executor/shell/lane_queue.h"
#include "services/executor/shell/turn_run.h"
#include "services/executor/shell/turn_store.h"

enum {
    ANEW_LOOK_US = 100000, /* how often a price is looked for that an order waits for */
    ROUNDS_MAX = 5,        /* how often a turn is decided while what it reads moves */
};

/* The orders of reports that memory does not know are looked up; `facts` of those that exist are made in
 * turn_find_orders. */
static int gather_facts(struct executor *executor)
{
    struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->report_count; i++) {
        const struct venue_event *report = &turn->reports[i];
        if (!report->known) {
            turn_put_stray_aside(turn, report);
            continue;
        }
        struct turn_fact *fact = &turn->facts[turn->fact_count++];
        *fact = (struct turn_fact){.kind = TURN_REPORT, .index = i, .order_id = report->order_id};
        const struct open_order *open = order_table_find(executor->open, report->order_id);
        if (open == NULL || open->waiting)
            continue;
        fact->trader_id = open->trader_id;
        memcpy(fact->symbol, open->order.symbol, sizeof(fact->symbol));
    }
    for (size_t i = 0; i < turn->tick_count; i++)
        turn->facts[turn->fact_count++] = turn->ticks[i];
    for (size_t i = 0; i < turn->command_count; i++) {
        const struct turn_command *command = &turn->commands[i];
        struct turn_fact *fact = &turn->facts[turn->fact_count++];
        *fact = command->fact;
        fact->kind = TURN_COMMAND;
        fact->index = i;
        executor->lanes[command->lane].touched = true;
    }
    turn->move_count = turn->fact_count;
    return turn_find_orders(executor);
}

/* Those that are to be decided anew come first: with them trader and position are locked. */
static void gather_claims(struct executor *executor)
{
    struct turn *turn = executor->turn;
    struct uuid ids[TURN_CLAIMS_MAX];
    size_t count = dispatch_pick_claims(executor, ids, TURN_CLAIMS_MAX), left = 0;
    for (size_t i = 0; i < count; i++) {
        const struct open_order *open = order_table_find(executor->open, ids[i]);
        if (open == NULL || !open->anew) {
            ids[left++] = ids[i];
            continue;
        }
        struct turn_fact *fact = &turn->facts[turn->fact_count++];
        *fact = (struct turn_fact){
            .kind = TURN_ANEW, .index = turn->anew_count++, .order_id = ids[i], .trader_id = open->trader_id};
        memcpy(fact->symbol, open->order.symbol, sizeof(fact->symbol));
    }
    turn->move_count = turn->fact_count;
    for (size_t i = 0; i < left; i++)
        turn->facts[turn->fact_count++] = (struct turn_fact){.kind = TURN_CLAIM, .order_id = ids[i]};
}

static void tell_steps(struct executor *executor)
{
    struct metrics *metrics = executor->service->metrics;
    for (size_t i = 0; i < executor->turn->step_count; i++) {
        const struct turn_step *step = &executor->turn->steps[i];
        LOG(executor_log(executor), LOG_INFO, "order_step", LOG_UUID("order_id", step->order_id),
            LOG_TRACE(step->trace_id), LOG_TEXT("from", execution_state_text(step->from)),
            LOG_TEXT("to", execution_state_text(step->to)),
            LOG_TEXT("status", order_status_text(step->status)), LOG_DECIMAL("filled_quantity", step->filled),
            LOG_TEXT("reason", step->reason));
        if (step->to == EXECUTION_STATE_IN_DOUBT && step->from != EXECUTION_STATE_IN_DOUBT)
            metrics_add(metrics, METRIC_FAILED, FAILED_IN_DOUBT, 1);
        else if (step->to == EXECUTION_STATE_DONE && step->from != EXECUTION_STATE_IN_DOUBT &&
                 strcmp(step->reason, reject_text(REJECT_EXCHANGE_UNAVAILABLE)) == 0)
            metrics_add(metrics, METRIC_FAILED, FAILED_UNAVAILABLE, 1);
        else if (step->from == EXECUTION_STATE_SENT && step->to != EXECUTION_STATE_SENT)
            metrics_observe_us(metrics, METRIC_STAGE, STAGE_ADMITTED_TO_CONFIRMED,
                               clock_now().us - step->created_at.us);
    }
}

static void log_command(struct executor *executor, const struct turn_note *note)
{
    static const char *const outcomes[] = {
        [COMMAND_TAKEN] = "taken", [COMMAND_MOOT] = "moot", [COMMAND_PUT_ASIDE] = "put_aside"};
    const struct turn_command *command = &executor->turn->commands[note->command];
    size_t outcome = note->moot                          ? COMMAND_MOOT
                     : note->aside != EXECUTE_ASIDE_NONE ? COMMAND_PUT_ASIDE
                                                         : COMMAND_TAKEN;
    metrics_add(executor->service->metrics, METRIC_COMMANDS, outcome, 1);
    LOG(executor_log(executor), LOG_INFO, "command", LOG_UUID("order_id", command->fact.order_id),
        LOG_TRACE(command->resolve.trace_id), LOG_TEXT("kind", order_command_kind_text(command->kind)),
        LOG_TEXT("action", resolve_action_text(command->resolve.action)),
        LOG_TEXT("actor", command->resolve.actor), LOG_TEXT("outcome", outcomes[outcome]));
}

/* An alarm or a warning, with the figures of the report behind it. */
static void log_effect(struct executor *executor, const struct turn_note *note)
{
    static const struct venue_event none;
    const struct venue_event *report = note->report == NULL ? &none : note->report;
    const char exec_type[] = {report->exec_type, '\0'};
    metrics_add(executor->service->metrics, METRIC_ALARMS, 0, note->alarm);
    if (turn_note_is_aside(note))
        metrics_add(executor->service->metrics, METRIC_PUT_ASIDE, (size_t)note->aside - 1, 1);
    char next[64] = "oxectl aside", id[UUID_TEXT_MAX];
    uuid_format(note->order_id, id);
    if (note->alarm)
        (void)snprintf(next, sizeof(next), "oxectl audit %s", id);
    LOG_ALARM(executor_log(executor), note->alarm ? LOG_ERROR : LOG_WARNING,
              note->alarm ? "order_alarm" : "report_put_aside", note->oddity,
              note->detail[0] != '\0' ? note->detail : note->oddity, next,
              LOG_UUID("order_id", note->order_id), LOG_TRACE(note->trace_id),
              LOG_BOOL("halts_symbol", note->halts_symbol), LOG_TEXT("symbol", report->symbol),
              LOG_TEXT("cl_ord_id", report->cl_ord_id), LOG_TEXT("exec_id", report->exec_id),
              LOG_TEXT("exec_type", exec_type), LOG_DECIMAL("quantity", report->last_quantity),
              LOG_DECIMAL("price", report->last_price));
}

static void log_note(struct executor *executor, const struct turn_note *note)
{
    switch (note->kind) {
    case TURN_NOTE_EFFECT:
        log_effect(executor, note);
        break;
    case TURN_NOTE_RETRY_NEEDED:
        metrics_add(executor->service->metrics, METRIC_RETRY_NEEDED, 0, 1);
        LOG(executor_log(executor), LOG_WARNING, "retry_needed", LOG_UUID("order_id", note->order_id),
            LOG_TRACE(note->trace_id), LOG_I64("attempts", note->attempts), LOG_I64("lane", note->lane),
            LOG_I64("next_check_in_ms", (note->next_check_at.us - clock_now().us) / 1000));
        break;
    case TURN_NOTE_COMMAND:
        log_command(executor, note);
        break;
    case TURN_NOTE_HELD:
        LOG(executor_log(executor), LOG_INFO, "order_held", LOG_UUID("order_id", note->order_id),
            LOG_TRACE(note->trace_id), LOG_TEXT("reason", note->detail));
        break;
    }
}

static void log_notes(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->note_count; i++)
        log_note(executor, &turn->notes[i]);
    metrics_add(executor->service->metrics, METRIC_DUPLICATES, 0, turn->duplicates);
}

static int remember(struct executor *executor, const struct execution *order)
{
    if (execution_is_over(order)) {
        order_table_remove(executor->open, order->id);
        return 0;
    }
    return lane_load_keep(executor, order);
}

/* It is decided anew in a turn in which nobody else decides about its trader. */
static void keep_for_anew(struct executor *executor, const struct execution *order, struct open_order *open)
{
    open->anew = true;
    open->trader_id = order->trader_id;
    memcpy(open->order.symbol, order->symbol, sizeof(open->order.symbol));
    if (id_queue_push(&executor->lanes[open->lane].anew, order->id) < 0)
        order_table_remove(executor->open, order->id); /* without memory for it the sweep brings it again */
}

/* A claim that came to nothing takes nothing of the rate. Whoever was to be claimed and was not is somebody
 * else's now, or over: the sweep says so if not. */
static void drop_unsent(struct executor *executor)
{
    struct turn *turn = executor->turn;
    for (size_t i = turn->move_count - turn->anew_count; i < turn->fact_count; i++) {
        const struct uuid id = turn->facts[i].order_id;
        const struct turn_order *order = turn_find_order(turn, id);
        struct open_order *open = order_table_find(executor->open, id);
        if ((order != NULL && order->claim == EXECUTE_CLAIM_SEND) || open == NULL || !open->waiting)
            continue;
        rate_take(&executor->lanes[open->lane].rate, -1);
        if (order != NULL && order->claim == EXECUTE_CLAIM_HOLD)
            holds_keep(executor, open);
        else if (order != NULL && order->claim == EXECUTE_CLAIM_ANEW)
            keep_for_anew(executor, &order->record, open);
        else
            order_table_remove(executor->open, id);
    }
    executor->anew_alone = turn->anew_moved;
    if (turn->anew_waits)
        executor->anew_at_us = clock_monotonic_us() + ANEW_LOOK_US;
}

/* A leg's stages hang on the order that it protects. */
static void trace(struct executor *executor, const struct execution *order, const char *name,
                  struct instant begin)
{
    trace_add_stage(executor->service->tracer, name, order->trace_id,
                    uuid_is_nil(order->parent_id) ? order->id : order->parent_id, begin, NULL);
}

/* What the decisions about an order allow to be sent: later facts of the same turn may have overtaken earlier
 * ones. */
static void dispatch_changed(struct executor *executor, const struct turn_order *order)
{
    const struct execution *record = &order->record;
    bool claimed = order->claim == EXECUTE_CLAIM_SEND;
    if (record->state == EXECUTION_STATE_SENT && claimed)
        metrics_observe_us(executor->service->metrics, METRIC_STAGE, STAGE_ADMITTED_TO_SENT,
                           executor->turn->now.us - record->created_at.us);
    /* Nothing is sent again that another fact of the turn has shown to be there. */
    if (record->state == EXECUTION_STATE_SENT && (claimed || (order->resend && !record->venue_known)))
        dispatch_order(executor, record, !claimed);
    if (record->state == EXECUTION_STATE_SENT && claimed)
        trace(executor, record, "send", executor->turn->now);
    struct open_order *open = order_table_find(executor->open, record->id);
    if (open == NULL)
        return;
    if (order->amend)
        lane_queue_amend(executor, open);
    if (order->query)
        lane_queue_ask(executor, open);
}

static int after_commit(struct executor *executor)
{
    struct turn *turn = executor->turn;
    int r = 0;
    log_notes(executor);
    tell_steps(executor);
    lane_numbers_advanced(executor);
    drop_unsent(executor);
    for (size_t i = 0; i < turn->order_count && r == 0; i++) {
        struct turn_order *order = &turn->orders[i];
        const struct execution *record = &order->record;
        /* An order of another lane's owner is none of ours, whatever was reported about it here. */
        if (!turn_has_lane(turn->owned, record->lane))
            continue;
        if (record->state != EXECUTION_STATE_ADMITTED) {
            r = remember(executor, record);
            if (r == 0)
                dispatch_changed(executor, order);
        } else if (order->claim == EXECUTE_CLAIM_NONE) {
            lane_queue_add(executor, record->lane, record->id);
        }
    }
    if (r == 0 && turn->batch.events_count > 0)
        dispatch_wake(executor);
    return r;
}

/* Where legs are still to be cut the next turn goes on. What this one has committed is true in any case:
 * should the process die, the next owner asks about each leg, and each answer looks at the position anew. */
static int go_on(struct executor *executor)
{
    struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->position_count * TURN_SIDES; i++) {
        const struct turn_position *position = &turn->positions[i / TURN_SIDES];
        struct uuid leg = position->unfit[i % TURN_SIDES];
        if (uuid_is_nil(leg))
            continue;
        int lane = turn_find_order(turn, leg)->record.lane;
        if (!turn_has_lane(turn->owned, lane))
            continue;
        executor->lanes[lane].touched = true;
        if (!turn_add_tick(turn, leg, position->trader_id, position->symbol, ORDER_DUE_TIME))
            return -ENOBUFS;
    }
    return 0;
}

static void measure(struct executor *executor, int64_t began_us)
{
    const struct turn *turn = executor->turn;
    struct metrics *metrics = executor->service->metrics;
    int64_t now_us = clock_monotonic_us();
    size_t facts = turn->fact_count;
    metrics_add(metrics, METRIC_TURNS, 0, 1);
    metrics_set(metrics, METRIC_BATCH, 0, (int64_t)facts);
    metrics_observe_us(metrics, METRIC_TURN_TIME, 0, now_us - began_us);
    if (turn->report_count > 0)
        metrics_observe_us(metrics, METRIC_STAGE, STAGE_REPORT_TO_COMMIT, now_us - turn->first_report_us);
    metrics_add(metrics, METRIC_REPORTS, 0, turn->report_count);
    for (size_t i = 0; i < turn->fill_count; i++) {
        const struct turn_fill *fill = &turn->fills[i];
        metrics_add(metrics, METRIC_FILLS, 0, !fill->known);
        if (!fill->known)
            trace(executor, &turn->orders[fill->order].record, "fill",
                  (struct instant){clock_now().us - (now_us - turn->first_report_us)});
    }
    for (size_t i = 0; i < turn->batch.events_count; i++)
        metrics_add(metrics, METRIC_REJECTED, 0, turn->batch.events[i].action == AUDIT_ACTION_REJECTED);
    executor->last_batch = (int)facts;
}

static int decide_and_store(struct executor *executor, struct instant now)
{
    struct turn *turn = executor->turn;
    size_t notes = turn->note_count;
    int r = -EAGAIN;
    for (int i = 0; i < ROUNDS_MAX && r == -EAGAIN; i++) {
        turn_rewind(turn, notes);
        r = turn_store_read(executor);
        if (r < 0)
            continue;
        turn_decide(turn, now);
        r = turn_store_write(executor);
    }
    return r;
}

int turn_run(struct executor *executor, bool *ret_committed)
{
    struct turn *turn = executor->turn;
    int64_t began_us = clock_monotonic_us();
    struct instant now = clock_now();
    turn_begin(turn);
    turn->owned = executor_owned(executor);
    turn->ready = executor_ready(executor);
    checks_collect(executor, now);
    int r = executor->commands_due ? turn_find_commands(executor) : 0;
    if (r == 0)
        r = gather_facts(executor);
    if (r < 0)
        return r;
    gather_claims(executor);
    if (turn->report_count + turn->fact_count == 0)
        return 0;
    r = decide_and_store(executor, now);
    if (r < 0)
        return r;
    *ret_committed = true;
    r = after_commit(executor);
    measure(executor, began_us);
    turn_clear(turn);
    return r < 0 ? r : go_on(executor);
}
