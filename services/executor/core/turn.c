/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/turn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/executor/core/bracket.h"
#include "services/executor/core/execute.h"

/* Every report and command may tell so many events, halt a symbol and move a bracket, every claim and tick
 * tells one: all fit. Legs are cut as long as there is room beside. */
enum { FACT_EVENTS_MAX = EXECUTE_EVENTS_MAX + 1 + BRACKET_EVENTS_MAX, CUT_EVENTS_MAX = 2 };
static_assert((TURN_REPORTS_MAX + TURN_COMMANDS_MAX) * FACT_EVENTS_MAX + TURN_CLAIMS_MAX + TURN_TICKS_MAX <=
                  TURN_EVENTS_MAX,
              "there is room for the events of a turn");

int turn_create(const struct execute_policy *policy, struct uuid_source *ids, struct turn **ret_turn)
{
    struct turn *turn = calloc(1, sizeof(*turn));
    if (turn == NULL)
        return -ENOMEM;
    turn->policy = policy;
    turn->ids = ids;
    *ret_turn = turn;
    return 0;
}

void turn_destroy(struct turn **turn)
{
    if (*turn != NULL)
        buffer_release(&(*turn)->messages);
    free(*turn);
    *turn = NULL;
}

void turn_clear(struct turn *turn)
{
    turn->report_count = turn->tick_count = turn->command_count = 0;
    buffer_clear(&turn->messages);
}

void turn_add_report(struct turn *turn, const struct venue_event *report)
{
    assert(turn->report_count < TURN_REPORTS_MAX);
    if (turn->report_count == 0)
        turn->first_report_us = clock_monotonic_us();
    struct venue_event *kept = &turn->reports[turn->report_count];
    *kept = *report;
    turn->message_at[turn->report_count++] = turn->messages.length;
    if (report->message != NULL)
        buffer_append(&turn->messages, report->message, report->message_length);
    if (report->message == NULL || buffer_failed(&turn->messages))
        kept->message_length = 0; /* without memory for it the report counts all the same */
    kept->message = NULL;
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

void turn_begin(struct turn *turn)
{
    turn->fact_count = turn->move_count = turn->anew_count = 0;
    turn_rewind(turn, 0);
}

void turn_rewind(struct turn *turn, size_t notes)
{
    turn->account_count = turn->position_count = turn->order_count = turn->read_count = 0;
    turn->fill_count = turn->halted_count = turn->step_count = turn->duplicates = turn->decided = 0;
    turn->note_count = notes;
    turn->batch.events_count = 0;
    turn->sees_halts = turn->anew_waits = turn->anew_moved = false;
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

static struct event *new_event(struct turn *turn)
{
    assert(turn->batch.events_count < ARRAY_LEN(turn->batch.events));
    return &turn->batch.events[turn->batch.events_count++];
}

bool turn_has_room(const struct turn *turn, size_t orders)
{
    size_t events = turn->batch.events_count + orders * CUT_EVENTS_MAX;
    for (size_t i = turn->decided; i < turn->fact_count; i++) {
        enum turn_fact_kind kind = turn->facts[i].kind;
        events += kind == TURN_REPORT || kind == TURN_COMMAND ? FACT_EVENTS_MAX : 1;
    }
    return events <= TURN_EVENTS_MAX;
}

static bool is_halted(const struct turn *turn, const char *symbol)
{
    for (size_t i = 0; i < turn->halted_count; i++) {
        if (strcmp(turn->halted[i], symbol) == 0)
            return true;
    }
    return false;
}

/* One halt of a symbol, however often it is overfilled in the turn. */
static void halt(struct turn *turn, const struct execution *order)
{
    if (is_halted(turn, order->symbol))
        return;
    memcpy(turn->halted[turn->halted_count++], order->symbol, SYMBOL_MAX);
    struct event *event = new_event(turn);
    *event = (struct event){
        .event_id = uuid_next(turn->ids, turn->now), .action = AUDIT_ACTION_HALTED, .occurred_at = turn->now};
    memcpy(event->symbol, order->symbol, sizeof(event->symbol));
    (void)snprintf(event->actor, sizeof(event->actor), "%s", turn->policy->actor);
    (void)snprintf(event->reason, sizeof(event->reason), "OVERFILL");
    char id[UUID_TEXT_MAX];
    uuid_format(order->id, id);
    (void)snprintf(event->message, sizeof(event->message), "More was executed than order %s asked for", id);
}

static void note_step(struct turn *turn, const struct execution *before, const struct execution *after)
{
    if (before->state == after->state && before->status == after->status)
        return;
    assert(turn->step_count < TURN_STEPS_MAX);
    struct turn_step *step = &turn->steps[turn->step_count++];
    *step = (struct turn_step){.order_id = after->id,
                               .from = before->state,
                               .to = after->state,
                               .status = after->status,
                               .created_at = after->created_at,
                               .filled = after->filled};
    memcpy(step->trace_id, after->trace_id, sizeof(step->trace_id));
    memcpy(step->reason, after->reason, sizeof(step->reason));
}

static struct turn_note *new_note(struct turn *turn, enum turn_note_kind kind, const struct execution *order)
{
    assert(turn->note_count < TURN_NOTES_MAX);
    struct turn_note *note = &turn->notes[turn->note_count++];
    *note = (struct turn_note){.kind = kind, .has_order = true, .order_id = order->id};
    memcpy(note->trace_id, order->trace_id, sizeof(note->trace_id));
    return note;
}

void turn_put_stray_aside(struct turn *turn, const struct venue_event *report)
{
    const struct execution nobody = {.id = report->order_id};
    struct turn_note *note = new_note(turn, TURN_NOTE_EFFECT, &nobody);
    note->alarm = execute_stray_alarms(report);
    note->aside = report->type == VENUE_UNEXPECTED && !report->known ? EXECUTE_ASIDE_UNEXPECTED_REPORT
                                                                     : EXECUTE_ASIDE_UNKNOWN_ORDER;
    note->report = report;
    note->has_order = report->known;
    (void)snprintf(note->oddity, sizeof(note->oddity), "%s", execute_aside_texts[note->aside]);
    (void)snprintf(note->detail, sizeof(note->detail), "%s", report->text);
}

static const char *oddity_of(const struct execute_effect *effect, const struct execution *order)
{
    if (effect->unprotected)
        return "UNPROTECTED";
    if (effect->aside != EXECUTE_ASIDE_NONE)
        return execute_aside_texts[effect->aside];
    size_t i = 0;
    while (i < effect->event_count && effect->events[i].reason[0] == '\0')
        i++;
    return i < effect->event_count ? effect->events[i].reason : order->reason;
}

/* What an alarm says: why something was put aside, or else what the events say for people, or the word
 * itself. */
static const char *detail_of(const struct execute_effect *effect, const struct execution *order)
{
    if (effect->aside != EXECUTE_ASIDE_NONE)
        return effect->aside_detail;
    size_t i = 0;
    while (i < effect->event_count && effect->events[i].message[0] == '\0')
        i++;
    if (i < effect->event_count)
        return effect->events[i].message;
    return oddity_of(effect, order);
}

/* People should look at it, or it was put aside. */
static void note_oddity(struct turn *turn, const struct execution *order)
{
    const struct execute_effect *effect = &turn->effect;
    struct turn_note *note = new_note(turn, TURN_NOTE_EFFECT, order);
    note->alarm = effect->alarm || effect->unprotected;
    note->halts_symbol = effect->halt_symbol;
    note->aside = effect->aside;
    note->report = turn->report;
    (void)snprintf(note->oddity, sizeof(note->oddity), "%s", oddity_of(effect, order));
    (void)snprintf(note->detail, sizeof(note->detail), "%s", detail_of(effect, order));
}

static void tell_effect(struct turn *turn)
{
    const struct execute_effect *effect = &turn->effect;
    for (size_t i = 0; i < effect->event_count; i++) {
        struct event *event = new_event(turn);
        *event = effect->events[i];
        event->event_id = uuid_next(turn->ids, turn->now);
    }
}

static void note_effect(struct turn *turn, struct turn_order *order)
{
    const struct execute_effect *effect = &turn->effect;
    order->changed = order->changed || effect->changed;
    order->resend = order->resend || effect->resend;
    order->query = order->query || effect->query;
    order->amend = order->amend || effect->cancel || effect->replace;
    order->acknowledged = order->acknowledged || effect->acknowledged;
    if (effect->filled) {
        struct turn_fill *fill = &turn->fills[turn->fill_count++];
        *fill = (struct turn_fill){.order_id = order->record.id,
                                   .fill = effect->fill,
                                   .id = uuid_next(turn->ids, turn->now),
                                   .order = (size_t)(order - turn->orders),
                                   .trader_id = order->record.trader_id,
                                   .side = order->record.side};
        memcpy(fill->symbol, order->record.symbol, sizeof(fill->symbol));
        if (effect->fill.flag != NULL)
            (void)snprintf(fill->flag, sizeof(fill->flag), "%s", effect->fill.flag);
    }
    tell_effect(turn);
    if (effect->halt_symbol)
        halt(turn, &order->record);
    /* One alarm for a position, however many legs it loses at once. */
    bool *told = &turn->positions[order->position].unprotected;
    if (effect->aside != EXECUTE_ASIDE_NONE || effect->alarm || (effect->unprotected && !*told))
        note_oddity(turn, &order->record);
    *told |= effect->unprotected;
    turn->duplicates += effect->duplicate;
}

/* Posts what the fact did to the ledger. When no column can hold the outcome the order stays as it was. */
static void post(struct turn *turn, struct turn_order *order, const struct execution *before)
{
    struct execute_effect *effect = &turn->effect;
    struct turn_account *account = &turn->accounts[order->account];
    struct turn_position *position = &turn->positions[order->position];
    if (!effect->changed)
        return;
    struct ledger_account money = account->ledger;
    struct ledger_position held = position->ledger;
    if (ledger_post(&account->ledger, &position->ledger, before, &order->record,
                    effect->filled ? &effect->fill : NULL, turn->day) == 0) {
        /* An acknowledgement moves neither: then no row is written. A fill writes the account's in any case:
         * whoever has locked it finds its position as it is. */
        account->changed |= effect->filled || memcmp(&money, &account->ledger, sizeof(money)) != 0;
        account->moved |= effect->filled ||
                          decimal_compare(held.reducing_buy, position->ledger.reducing_buy) != 0 ||
                          decimal_compare(held.reducing_sell, position->ledger.reducing_sell) != 0;
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

struct execute_effect *turn_effect(struct turn *turn)
{
    return execute_begin(&turn->effect, turn->policy, turn->now);
}

void turn_take_effect(struct turn *turn, struct turn_order *order, const struct execution *before)
{
    post(turn, order, before);
    note_effect(turn, order);
    order->reshaped |= decimal_compare(order->record.quantity, before->quantity) != 0 ||
                       decimal_compare(order->record.protects, before->protects) != 0;
}

static void note_retry(struct turn *turn, const struct execution *order)
{
    struct turn_note *note = new_note(turn, TURN_NOTE_RETRY_NEEDED, order);
    note->attempts = order->attempts;
    note->lane = order->lane;
    note->next_check_at = order->next_check_at;
}

static void decide_report(struct turn *turn, const struct venue_event *report, struct execution *order)
{
    const struct execute_fill *recorded =
        report->type == VENUE_FILL ? find_fill(turn, order->id, report->exec_id) : NULL;
    execute_report(order, report, recorded, turn_effect(turn));
}

static void decide_command(struct turn *turn, size_t index, struct execution *order)
{
    const struct turn_command *command = &turn->commands[index];
    if (command->kind == ORDER_COMMAND_CANCEL)
        execute_command_cancel(order, turn_effect(turn));
    else
        execute_command_resolve(order, &command->resolve,
                                find_fill(turn, order->id, command->resolve.venue_exec_id),
                                turn_effect(turn));
    struct turn_note *note = new_note(turn, TURN_NOTE_COMMAND, order);
    note->command = index;
    note->moot = turn->effect.moot;
    note->aside = turn->effect.aside;
}

static void decide_fact(struct turn *turn, const struct turn_fact *fact, struct execution *order)
{
    bool line_ready = turn_has_lane(turn->ready, order->lane);
    switch (fact->kind) {
    case TURN_REPORT:
        decide_report(turn, &turn->reports[fact->index], order);
        break;
    case TURN_TICK:
        execute_tick(order, line_ready, turn_effect(turn));
        break;
    case TURN_LINE_READY:
        if (line_ready) {
            execute_tick_line_ready(order, turn_effect(turn));
            break;
        }
        /* fall through */
    case TURN_LINE_LOST:
        execute_tick_line_lost(order, turn_effect(turn));
        break;
    case TURN_COMMAND:
        decide_command(turn, fact->index, order);
        break;
    case TURN_ANEW:
    case TURN_CLAIM:
        assert(false); /* decide_claim */
    }
    if (turn->effect.retry_needed)
        note_retry(turn, order);
}

static void decide(struct turn *turn, const struct turn_fact *fact)
{
    struct turn_order *order = turn_find_order(turn, fact->order_id);
    /* Committed since its trader was looked for: as unknown as it was then. */
    if (order != NULL && order->account == TURN_NONE)
        order = NULL;
    turn->report = fact->kind == TURN_REPORT ? &turn->reports[fact->index] : NULL;
    if (order == NULL) {
        if (turn->report != NULL)
            turn_put_stray_aside(turn, turn->report);
        return;
    }
    struct execution before = order->record;
    struct decimal open = turn_bracket_open(turn, order);
    decide_fact(turn, fact, &order->record);
    turn_take_effect(turn, order, &before);
    turn->report = NULL; /* what follows for other orders is not what it says */
    struct execute_fill fill = turn->effect.fill;
    turn_bracket_follow(turn, order, &before, open, turn->effect.filled ? &fill : NULL);
}

/* A claim moves neither money nor a bracket, but for what is decided anew. An order of another lane's owner
 * is none of ours. */
static void decide_claim(struct turn *turn, const struct turn_fact *fact)
{
    struct turn_order *order = turn_find_order(turn, fact->order_id);
    if (order == NULL || order->claim != EXECUTE_CLAIM_NONE ||
        !turn_has_lane(turn->owned, order->record.lane))
        return;
    struct execution before = order->record;
    /* Its symbol was halted by this very turn. */
    if (is_halted(turn, order->record.symbol) && !execution_is_leg(&order->record))
        order->record.held_by = REJECT_TRADING_HALTED;
    order->claim = execute_claim(&order->record, turn_effect(turn));
    if (order->claim == EXECUTE_CLAIM_ANEW && fact->kind == TURN_ANEW) {
        turn_anew_decide(turn, order, &turn->worlds[fact->index]);
        return;
    }
    order->changed = order->changed || turn->effect.changed;
    note_step(turn, &before, &order->record);
    tell_effect(turn);
    if (order->claim == EXECUTE_CLAIM_HOLD && turn->effect.changed)
        (void)snprintf(new_note(turn, TURN_NOTE_HELD, &order->record)->detail, EVENT_MESSAGE_MAX, "%s",
                       order->record.reason);
}

/* An order that rests at the exchange since this turn, in which nothing more has come of it. */
static void tell_acknowledged(struct turn *turn)
{
    for (size_t i = 0; i < turn->order_count; i++) {
        if (!turn->orders[i].acknowledged)
            continue;
        execute_acknowledged(&turn->orders[i].record, turn_effect(turn));
        tell_effect(turn);
    }
}

void turn_decide(struct turn *turn, struct instant now)
{
    turn->now = now;
    while (turn->decided < turn->fact_count) {
        const struct turn_fact *fact = &turn->facts[turn->decided++];
        if (fact->kind == TURN_CLAIM || fact->kind == TURN_ANEW)
            decide_claim(turn, fact);
        else
            decide(turn, fact);
    }
    tell_acknowledged(turn);
}

int turn_encode_events(struct turn *turn, struct buffer *ret_rows, size_t ret_ends[static TURN_BATCHES])
{
    size_t next = 0;
    int r = 0;

    buffer_clear(ret_rows);
    for (size_t i = 0; i < TURN_BATCHES && r == 0; i++) {
        struct envelope envelope = {.id = uuid_next(turn->ids, turn->now), .sent_at = turn->now};
        size_t left = turn->batch.events_count - next;
        turn->row.events_count = left < TURN_BATCH_EVENTS ? left : TURN_BATCH_EVENTS;
        memcpy(turn->row.events, turn->batch.events + next, turn->row.events_count * sizeof(struct event));
        next += turn->row.events_count;
        if (turn->row.events_count > 0)
            r = event_batch_encode(&envelope, &turn->row, ret_rows);
        ret_ends[i] = ret_rows->length;
    }
    return r;
}
