#include "services/executor/turn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/executor/bracket.h"
#include "services/executor/checks.h"
#include "services/executor/dispatch.h"
#include "services/executor/lanes.h"

/* Every report and command may tell so many events, halt a symbol and move a bracket, every claim and tick
 * tells one: all fit into one batch. */
static_assert((TURN_REPORTS_MAX + TURN_COMMANDS_MAX) * (EXECUTE_EVENTS_MAX + 1 + BRACKET_EVENTS_MAX) +
                      TURN_CLAIMS_MAX + TURN_TICKS_MAX <=
                  sizeof(((struct event_batch *)NULL)->events) / sizeof(struct event),
              "the events of a turn fit into one batch");

int turn_create(struct turn **ret_turn)
{
    struct turn *turn = calloc(1, sizeof(*turn));
    if (turn == NULL)
        return -ENOMEM;
    *ret_turn = turn;
    return 0;
}

void turn_destroy(struct turn **turn)
{
    free(*turn);
    *turn = NULL;
}

void turn_clear(struct turn *turn)
{
    turn->report_count = turn->tick_count = turn->command_count = 0;
}

void turn_add_report(struct turn *turn, const struct venue_event *report)
{
    assert(turn->report_count < TURN_REPORTS_MAX);
    if (turn->report_count == 0)
        turn->first_report_us = clock_monotonic_us();
    turn->reports[turn->report_count++] = *report;
}

bool turn_add_tick(struct turn *turn, struct uuid order_id, struct uuid trader_id, const char *symbol,
                   enum order_due due)
{
    static const enum turn_fact_kind kinds[] = {
        [ORDER_DUE_TIME] = TURN_TICK,
        [ORDER_DUE_LINE_LOST] = TURN_LINE_LOST,
        [ORDER_DUE_LINE_READY] = TURN_LINE_READY,
    };
    if (turn->tick_count == TURN_TICKS_MAX)
        return false;
    struct turn_fact *fact = &turn->ticks[turn->tick_count++];
    *fact = (struct turn_fact){.kind = kinds[due], .order_id = order_id, .trader_id = trader_id};
    (void)snprintf(fact->symbol, sizeof(fact->symbol), "%s", symbol);
    return true;
}

static void note_aside(struct executor *executor, enum execute_aside kind, const struct uuid *order_id,
                       const char *detail)
{
    struct turn *turn = executor->turn;
    assert(turn->aside_count < TURN_ORDERS_MAX);
    struct turn_aside *aside = &turn->asides[turn->aside_count++];
    *aside = (struct turn_aside){.kind = kind, .has_order = order_id != NULL};
    if (order_id != NULL)
        aside->order_id = *order_id;
    (void)snprintf(aside->detail, sizeof(aside->detail), "%s", detail);
}

/* The orders of reports that memory does not know are looked up; `facts` of those that exist are made in
 * turn_store_find. */
static int gather_facts(struct executor *executor)
{
    struct turn *turn = executor->turn;
    struct uuid unknown[TURN_REPORTS_MAX];
    size_t unknown_count = 0;
    for (size_t i = 0; i < turn->report_count; i++) {
        const struct venue_event *report = &turn->reports[i];
        if (!report->known) {
            note_aside(executor,
                       report->type == VENUE_UNEXPECTED ? EXECUTE_ASIDE_UNEXPECTED_REPORT
                                                        : EXECUTE_ASIDE_UNKNOWN_ORDER,
                       NULL, report->text);
            continue;
        }
        struct turn_fact *fact = &turn->facts[turn->fact_count++];
        *fact = (struct turn_fact){.kind = TURN_REPORT, .index = i, .order_id = report->order_id};
        const struct open_order *open = order_table_find(executor->open, report->order_id);
        if (open == NULL || open->waiting) {
            unknown[unknown_count++] = report->order_id;
            continue;
        }
        fact->trader_id = open->trader_id;
        memcpy(fact->symbol, open->order.symbol, sizeof(fact->symbol));
    }
    for (size_t i = 0; i < turn->tick_count; i++)
        turn->facts[turn->fact_count++] = turn->ticks[i];
    for (size_t i = 0; i < turn->command_count; i++) {
        const struct turn_command *command = &turn->commands[i];
        struct turn_fact *fact = &turn->facts[turn->fact_count++];
        *fact = (struct turn_fact){
            .kind = TURN_COMMAND, .index = i, .order_id = command->order_id, .trader_id = command->trader_id};
        memcpy(fact->symbol, command->symbol, sizeof(fact->symbol));
        executor->lanes[command->lane].touched = true;
    }
    return unknown_count == 0 ? 0 : turn_store_find(executor, unknown, unknown_count);
}

static int compare_order(const void *key, const void *element)
{
    return uuid_compare(*(const struct uuid *)key, ((const struct turn_order *)element)->record.id);
}

struct turn_order *turn_find_order(struct turn *turn, struct uuid id)
{
    struct turn_order *order =
        bsearch(&id, turn->orders, turn->read_count, sizeof(turn->orders[0]), compare_order);
    for (size_t i = turn->read_count; order == NULL && i < turn->order_count; i++) {
        if (uuid_compare(turn->orders[i].record.id, id) == 0)
            order = &turn->orders[i];
    }
    return order;
}

static const struct execute_fill *find_fill(const struct turn *turn, struct uuid order_id,
                                            const char *exec_id)
{
    for (size_t i = 0; i < turn->fill_count; i++) {
        if (uuid_compare(turn->fills[i].order_id, order_id) == 0 &&
            strcmp(turn->fills[i].fill.exec_id, exec_id) == 0)
            return &turn->fills[i].fill;
    }
    return NULL;
}

static struct event *new_event(struct executor *executor)
{
    struct event_batch *batch = &executor->turn->batch;
    assert(batch->events_count < ARRAY_LEN(batch->events));
    return &batch->events[batch->events_count++];
}

static void halt(struct executor *executor, const struct execution *order, struct instant now)
{
    struct turn *turn = executor->turn;
    memcpy(turn->halted[turn->halted_count++], order->symbol, SYMBOL_MAX);
    struct event *event = new_event(executor);
    *event = (struct event){
        .event_id = uuid_next(&executor->ids, now), .action = AUDIT_ACTION_HALTED, .occurred_at = now};
    memcpy(event->symbol, order->symbol, sizeof(event->symbol));
    (void)snprintf(event->actor, sizeof(event->actor), "%s", executor->policy.actor);
    (void)snprintf(event->reason, sizeof(event->reason), "OVERFILL");
    char id[UUID_TEXT_MAX];
    uuid_format(order->id, id);
    (void)snprintf(event->message, sizeof(event->message), "More was executed than order %s asked for", id);
}

static void note_step(struct turn *turn, const struct execution *before, const struct execution *after)
{
    if (before->state == after->state && before->status == after->status)
        return;
    assert(turn->step_count < TURN_ORDERS_MAX); /* each fact moves its order and those of its bracket */
    struct turn_step *step = &turn->steps[turn->step_count++];
    *step = (struct turn_step){.order_id = after->id,
                               .from = before->state,
                               .to = after->state,
                               .status = after->status,
                               .filled = after->filled};
    memcpy(step->trace_id, after->trace_id, sizeof(step->trace_id));
    memcpy(step->reason, after->reason, sizeof(step->reason));
}

static void log_steps(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->step_count; i++) {
        const struct turn_step *step = &turn->steps[i];
        LOG(executor_log(executor), LOG_INFO, "order_step", LOG_UUID("order_id", step->order_id),
            LOG_TRACE(step->trace_id), LOG_TEXT("from", execution_state_text(step->from)),
            LOG_TEXT("to", execution_state_text(step->to)),
            LOG_TEXT("status", order_status_text(step->status)), LOG_DECIMAL("filled_quantity", step->filled),
            LOG_TEXT("reason", step->reason));
    }
}

static void log_aside(struct executor *executor, const struct execution *order)
{
    const struct execute_effect *effect = &executor->turn->effect;
    enum log_level level = effect->alarm ? LOG_ERROR : LOG_WARNING;
    const char *detail = effect->aside != EXECUTE_ASIDE_NONE ? effect->aside_detail
                         : effect->event_count > 0           ? effect->events[0].message
                                                             : "";
    LOG(executor_log(executor), level, effect->alarm ? "order_alarm" : "report_put_aside",
        LOG_UUID("order_id", order->id), LOG_TRACE(order->trace_id),
        LOG_TEXT("kind", execute_aside_text(effect->aside)), LOG_BOOL("halts_symbol", effect->halt_symbol),
        LOG_TEXT("detail", detail));
}

static void tell_effect(struct executor *executor, struct instant now)
{
    const struct execute_effect *effect = &executor->turn->effect;
    for (size_t i = 0; i < effect->event_count; i++) {
        struct event *event = new_event(executor);
        *event = effect->events[i];
        event->event_id = uuid_next(&executor->ids, now);
    }
}

static void note_effect(struct executor *executor, struct turn_order *order, struct instant now)
{
    struct turn *turn = executor->turn;
    const struct execute_effect *effect = &turn->effect;
    order->changed = order->changed || effect->changed;
    order->resend = order->resend || effect->resend;
    order->query = order->query || effect->query;
    order->amend = order->amend || effect->cancel || effect->replace;
    if (effect->filled) {
        struct turn_fill *fill = &turn->fills[turn->fill_count++];
        *fill = (struct turn_fill){.order_id = order->record.id, .fill = effect->fill};
        fill->order = (size_t)(order - turn->orders);
    }
    tell_effect(executor, now);
    if (effect->halt_symbol)
        halt(executor, &order->record, now);
    if (effect->aside != EXECUTE_ASIDE_NONE)
        note_aside(executor, effect->aside, &order->record.id, effect->aside_detail);
    if (effect->aside != EXECUTE_ASIDE_NONE || effect->alarm)
        log_aside(executor, &order->record);
    metrics_add(executor->service->metrics, METRIC_DUPLICATES, 0, effect->duplicate);
    metrics_add(executor->service->metrics, METRIC_ALARMS, 0, effect->alarm);
}

/* Posts what the fact did to the ledger. When no column can hold the outcome the order stays as it was. */
static void post(struct executor *executor, struct turn_order *order, const struct execution *before)
{
    struct turn *turn = executor->turn;
    struct execute_effect *effect = &turn->effect;
    struct turn_account *account = &turn->accounts[order->account];
    struct turn_position *position = &turn->positions[order->position];
    if (!effect->changed)
        return;
    struct ledger_account money = account->ledger;
    struct ledger_position held = position->ledger;
    if (ledger_post(&account->ledger, &position->ledger, before, &order->record,
                    effect->filled ? &effect->fill : NULL, turn->day) == 0) {
        /* An acknowledgement moves neither: then no row is written. */
        account->changed |= memcmp(&money, &account->ledger, sizeof(money)) != 0;
        position->changed |= memcmp(&held, &position->ledger, sizeof(held)) != 0;
        note_step(turn, before, &order->record);
        return;
    }
    order->record = *before;
    memset(effect, 0, offsetof(struct execute_effect, events));
    effect->aside = EXECUTE_ASIDE_OUT_OF_RANGE;
    effect->alarm = true;
    (void)snprintf(effect->aside_detail, sizeof(effect->aside_detail),
                   "the account or the position cannot hold the outcome");
}

void turn_take_effect(struct executor *executor, struct turn_order *order, const struct execution *before,
                      struct instant now)
{
    post(executor, order, before);
    note_effect(executor, order, now);
    order->reshaped |= decimal_compare(order->record.quantity, before->quantity) != 0 ||
                       decimal_compare(order->record.protects, before->protects) != 0;
}

static void log_retry_needed(struct executor *executor, const struct execution *order)
{
    metrics_add(executor->service->metrics, METRIC_RETRY_NEEDED, 0, 1);
    LOG(executor_log(executor), LOG_WARNING, "retry_needed", LOG_UUID("order_id", order->id),
        LOG_TRACE(order->trace_id), LOG_I64("attempts", order->attempts), LOG_I64("lane", order->lane),
        LOG_I64("next_check_in_ms", (order->next_check_at.us - clock_now().us) / 1000));
}

static void log_command(struct executor *executor, const struct turn_command *command)
{
    static const char *const outcomes[] = {
        [COMMAND_TAKEN] = "taken", [COMMAND_MOOT] = "moot", [COMMAND_PUT_ASIDE] = "put_aside"};
    const struct execute_effect *effect = &executor->turn->effect;
    size_t outcome = effect->moot                          ? COMMAND_MOOT
                     : effect->aside != EXECUTE_ASIDE_NONE ? COMMAND_PUT_ASIDE
                                                           : COMMAND_TAKEN;
    metrics_add(executor->service->metrics, METRIC_COMMANDS, outcome, 1);
    LOG(executor_log(executor), LOG_INFO, "command", LOG_UUID("order_id", command->order_id),
        LOG_TRACE(command->resolve.trace_id), LOG_TEXT("kind", order_command_kind_text(command->kind)),
        LOG_TEXT("action", resolve_action_text(command->resolve.action)),
        LOG_TEXT("actor", command->resolve.actor), LOG_TEXT("outcome", outcomes[outcome]));
}

static void decide_report(struct executor *executor, const struct venue_event *report,
                          struct execution *order, struct instant now)
{
    struct turn *turn = executor->turn;
    const struct execute_fill *recorded =
        report->type == VENUE_FILL ? find_fill(turn, order->id, report->exec_id) : NULL;
    execute_report(order, report, recorded, &executor->policy, now, &turn->effect);
}

static void decide_command(struct executor *executor, const struct turn_command *command,
                           struct execution *order, struct instant now)
{
    struct turn *turn = executor->turn;
    if (command->kind == ORDER_COMMAND_CANCEL)
        execute_command_cancel(order, &executor->policy, now, &turn->effect);
    else
        execute_command_resolve(order, &command->resolve,
                                find_fill(turn, order->id, command->resolve.venue_exec_id), &executor->policy,
                                now, &turn->effect);
    log_command(executor, command);
}

static void decide_fact(struct executor *executor, const struct turn_fact *fact, struct execution *order,
                        struct instant now)
{
    struct turn *turn = executor->turn;
    const struct execute_policy *policy = &executor->policy;
    bool line_ready = executor->lanes[order->lane].ready;
    switch (fact->kind) {
    case TURN_REPORT:
        decide_report(executor, &turn->reports[fact->index], order, now);
        break;
    case TURN_TICK:
        execute_tick(order, line_ready, policy, now, &turn->effect);
        break;
    case TURN_LINE_READY:
        if (line_ready) {
            execute_tick_line_ready(order, policy, now, &turn->effect);
            break;
        }
        /* fall through */
    case TURN_LINE_LOST:
        execute_tick_line_lost(order, policy, now, &turn->effect);
        break;
    case TURN_COMMAND:
        decide_command(executor, &turn->commands[fact->index], order, now);
        break;
    }
    if (turn->effect.retry_needed)
        log_retry_needed(executor, order);
}

static void decide(struct executor *executor, const struct turn_fact *fact, struct instant now)
{
    struct turn *turn = executor->turn;
    struct turn_order *order = turn_find_order(turn, fact->order_id);
    if (order == NULL && fact->kind == TURN_REPORT)
        note_aside(executor, EXECUTE_ASIDE_UNKNOWN_ORDER, &fact->order_id, turn->reports[fact->index].text);
    if (order == NULL)
        return;

    struct execution before = order->record;
    struct decimal open = turn_bracket_open(turn, order);
    decide_fact(executor, fact, &order->record, now);
    turn_take_effect(executor, order, &before, now);
    if (execute_is_leg(&before) || execute_is_bracket(&before)) {
        struct execute_fill fill = turn->effect.fill;
        turn_bracket_follow(executor, order, &before, open, turn->effect.filled ? &fill : NULL, now);
    }
}

static void decide_all(struct executor *executor, struct instant now)
{
    struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->claimed_count; i++) {
        execute_claimed(&turn->claimed[i], &executor->policy, now, &turn->effect);
        tell_effect(executor, now);
    }
    for (size_t i = 0; i < turn->fact_count; i++)
        decide(executor, &turn->facts[i], now);
}

static void send_claimed(struct executor *executor, struct instant now)
{
    struct turn *turn = executor->turn;
    struct metrics *metrics = executor->service->metrics;
    for (size_t i = 0; i < turn->claimed_count; i++) {
        const struct execution *order = &turn->claimed[i];
        LOG(executor_log(executor), LOG_INFO, "order_step", LOG_UUID("order_id", order->id),
            LOG_TRACE(order->trace_id), LOG_TEXT("from", "ADMITTED"), LOG_TEXT("to", "SENT"),
            LOG_TEXT("status", "PENDING"), LOG_I64("attempt", order->attempts));
        metrics_observe_us(metrics, METRIC_STAGE, STAGE_ADMITTED_TO_SENT,
                           now.us - turn->claimed_created_at[i].us);
        dispatch_order(executor, order, false);
    }
}

/* Whoever was to be claimed and was not is somebody else's now, or over: the sweep says so if not. */
static void drop_unclaimed(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->claim_count; i++) {
        const struct open_order *open = order_table_find(executor->open, turn->claim_ids[i]);
        if (open != NULL && open->waiting)
            order_table_remove(executor->open, turn->claim_ids[i]);
    }
}

static int remember(struct executor *executor, const struct execution *order)
{
    if (order->state == EXECUTION_STATE_DONE) {
        order_table_remove(executor->open, order->id);
        return 0;
    }
    int r = order_table_put(executor->open, order);
    if (r < 0)
        return r;
    struct open_order *open = order_table_find(executor->open, order->id);
    open->questions = order->questions;
    return checks_arm(executor, open);
}

static bool is_owned(const struct executor *executor, int lane)
{
    return lane >= 0 && lane < LANES_MAX && executor->lanes[lane].owned;
}

/* What the decisions about an order allow to be sent. Later facts of the same turn may have overtaken earlier
 * ones. */
static void dispatch_changed(struct executor *executor, const struct turn_order *order)
{
    const struct execution *record = &order->record;
    if (order->resend && record->state == EXECUTION_STATE_SENT)
        dispatch_order(executor, record, true);
    struct open_order *open = order_table_find(executor->open, record->id);
    if (open == NULL)
        return;
    if (order->amend)
        lanes_amend(executor, open);
    if (order->query)
        lanes_ask(executor, open);
}

static int after_commit(struct executor *executor, struct instant now)
{
    struct turn *turn = executor->turn;
    int r = 0;
    log_steps(executor);
    lanes_advanced(executor);
    for (size_t i = 0; i < turn->claimed_count && r == 0; i++)
        r = remember(executor, &turn->claimed[i]);
    if (r < 0)
        return r;
    send_claimed(executor, now);
    drop_unclaimed(executor);
    for (size_t i = 0; i < turn->order_count; i++) {
        struct turn_order *order = &turn->orders[i];
        /* An order of another lane's owner is none of ours, whatever was reported about it here. */
        if (!is_owned(executor, order->record.lane))
            continue;
        if (order->record.state == EXECUTION_STATE_ADMITTED) {
            lanes_enqueue(executor, order->record.lane, order->record.id);
            continue;
        }
        r = remember(executor, &order->record);
        if (r < 0)
            return r;
        dispatch_changed(executor, order);
    }
    if (turn->batch.events_count > 0)
        dispatch_wake(executor);
    return 0;
}

static void measure(struct executor *executor, int64_t began_us)
{
    const struct turn *turn = executor->turn;
    struct metrics *metrics = executor->service->metrics;
    int64_t now_us = clock_monotonic_us();
    size_t facts = turn->fact_count + turn->claim_count;
    metrics_add(metrics, METRIC_TURNS, 0, 1);
    metrics_set(metrics, METRIC_BATCH, 0, (int64_t)facts);
    metrics_observe_us(metrics, METRIC_TURN_TIME, 0, now_us - began_us);
    if (turn->report_count > 0)
        metrics_observe_us(metrics, METRIC_STAGE, STAGE_REPORT_TO_COMMIT, now_us - turn->first_report_us);
    metrics_add(metrics, METRIC_REPORTS, 0, turn->report_count);
    for (size_t i = 0; i < turn->fill_count; i++)
        metrics_add(metrics, METRIC_FILLS, 0, !turn->fills[i].known);
    for (size_t i = 0; i < turn->batch.events_count; i++)
        metrics_add(metrics, METRIC_REJECTED, 0, turn->batch.events[i].action == AUDIT_ACTION_REJECTED);
    for (size_t i = 0; i < turn->aside_count; i++)
        metrics_add(metrics, METRIC_PUT_ASIDE, (size_t)turn->asides[i].kind - 1, 1);
    executor->last_batch = (int)facts;
}

int turn_run(struct executor *executor)
{
    struct turn *turn = executor->turn;
    turn->fact_count = turn->account_count = turn->position_count = turn->order_count = turn->read_count = 0;
    turn->fill_count = turn->claimed_count = turn->aside_count = turn->halted_count = turn->step_count = 0;
    turn->batch.events_count = 0;
    turn->claim_count = dispatch_pick_claims(executor, turn->claim_ids, TURN_CLAIMS_MAX);
    int64_t began_us = clock_monotonic_us();
    struct instant now = clock_now();
    checks_collect(executor, now);
    int r = executor->commands_due ? turn_store_commands(executor) : 0;
    if (r < 0 || turn->report_count + turn->tick_count + turn->command_count + turn->claim_count == 0)
        return r;
    r = gather_facts(executor);
    if (r == 0)
        r = turn_store_read(executor, now);
    if (r < 0)
        return r;
    decide_all(executor, now);
    r = turn_store_write(executor, now);
    if (r < 0)
        return r;
    executor_forgive(executor);
    r = after_commit(executor, now);
    measure(executor, began_us);
    turn_clear(turn);
    return r;
}
