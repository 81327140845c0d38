/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/batch.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/deadline.h"
#include "services/risk-manager/order_event.h"

int batch_find_trader(const struct batch *batch, struct uuid id)
{
    for (size_t i = 0; i < batch->trader_count; i++) {
        if (uuid_compare(batch->traders[i].id, id) == 0)
            return (int)i;
    }
    return -ENOENT;
}

int batch_find_symbol(const struct batch *batch, const char *symbol)
{
    for (size_t i = 0; i < batch->symbol_count; i++) {
        if (strcmp(batch->symbols[i].symbol, symbol) == 0)
            return (int)i;
    }
    return -ENOENT;
}

int batch_find_position(const struct batch *batch, size_t trader, size_t symbol)
{
    for (size_t i = 0; i < batch->position_count; i++) {
        if (batch->positions[i].trader == trader && batch->positions[i].symbol == symbol)
            return (int)i;
    }
    return -ENOENT;
}

static void index_slot(struct batch *batch, struct batch_slot *slot)
{
    const struct order_request *order = &slot->checked.request;
    int trader = batch_find_trader(batch, order->trader_id);
    int symbol = batch_find_symbol(batch, order->symbol);

    if (trader < 0) {
        trader = (int)batch->trader_count++;
        batch->traders[trader] = (struct batch_trader){.id = order->trader_id};
    }
    if (symbol < 0) {
        symbol = (int)batch->symbol_count++;
        batch->symbols[symbol] = (struct batch_symbol){.has_last_price = false};
        memcpy(batch->symbols[symbol].symbol, order->symbol, sizeof(order->symbol));
    }
    slot->trader = (size_t)trader;
    slot->symbol = (size_t)symbol;
    int position = batch_find_position(batch, slot->trader, slot->symbol);
    if (position < 0) {
        position = (int)batch->position_count++;
        batch->positions[position] = (struct batch_position){.trader = slot->trader, .symbol = slot->symbol};
    }
    slot->position = (size_t)position;
}

void batch_index(struct batch *batch)
{
    assert(batch->count <= BATCH_MAX);
    batch->trader_count = batch->symbol_count = batch->position_count = 0;
    batch->halt_all.in_force = false;
    batch->audit_is_behind = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_slot *slot = &batch->slots[i];
        slot->is_found = slot->found_is_refusal = false;
        slot->wake_lane = false;
        slot->outcome = 0;
        index_slot(batch, slot);
    }
}

/* Empties all but what is already there of a replayed answer. */
static void begin_answer(struct batch_slot *slot, enum answer_outcome outcome, bool keep_faults)
{
    slot->answer.outcome = outcome;
    slot->answer.has_order = slot->answer.has_preview = false;
    slot->answer.detail[0] = '\0';
    if (!keep_faults)
        slot->answer.faults_count = 0;
    slot->answer.warnings_count = 0;
}

void batch_slot_unavailable(struct batch_slot *slot, const char *detail)
{
    begin_answer(slot, ANSWER_UNAVAILABLE, false);
    (void)snprintf(slot->answer.detail, sizeof(slot->answer.detail), "%s", detail);
    slot->outcome = SLOT_UNAVAILABLE;
}

static void answer_key_reused(struct batch_slot *slot)
{
    begin_answer(slot, ANSWER_KEY_REUSED, false);
    struct fault_list faults = {.faults = slot->answer.faults, .max = RISK_FAULTS_MAX};
    fault_add(&faults, REJECT_IDEMPOTENCY_KEY_REUSED, "", NULL, NULL,
              "The Idempotency-Key was used before with another order; draw a new key for a new order.");
    slot->answer.faults_count = faults.count;
}

static void set_order(struct batch_slot *slot, const struct order_view *order)
{
    slot->answer.has_order = true;
    slot->answer.order = *order;
}

/* The order is in the database: this request's own, when a COMMIT's answer was lost, or an earlier one's. */
static void answer_found(struct batch_slot *slot)
{
    const struct order_request *order = &slot->checked.request;

    slot->outcome = SLOT_FOUND;
    if (memcmp(slot->found_fingerprint, order->fingerprint, sizeof(order->fingerprint)) != 0) {
        answer_key_reused(slot);
        return;
    }
    if (slot->found_is_refusal) {
        begin_answer(slot, ANSWER_REJECTED, true);
    } else if (uuid_compare(slot->found.id, order->order_id) == 0) {
        begin_answer(slot, ANSWER_CREATED, false);
        slot->wake_lane = slot->found.execution_state == EXECUTION_STATE_ADMITTED;
    } else {
        begin_answer(slot, ANSWER_REPLAYED, false);
    }
    set_order(slot, &slot->found);
}

/* The same trader and key stand earlier in this batch. */
static void answer_earlier(struct batch_slot *slot, const struct batch_slot *earlier)
{
    const struct order_request *order = &slot->checked.request, *first = &earlier->checked.request;

    slot->outcome = SLOT_FOUND;
    if (memcmp(first->fingerprint, order->fingerprint, sizeof(order->fingerprint)) != 0) {
        answer_key_reused(slot);
        return;
    }
    if (earlier->outcome == SLOT_REFUSED) {
        begin_answer(slot, ANSWER_REJECTED, false);
        slot->answer.faults_count = earlier->answer.faults_count;
        memcpy(slot->answer.faults, earlier->answer.faults,
               earlier->answer.faults_count * sizeof(struct fault));
    } else {
        bool is_own = uuid_compare(first->order_id, order->order_id) == 0;
        begin_answer(slot, is_own ? ANSWER_CREATED : ANSWER_REPLAYED, false);
    }
    set_order(slot, &earlier->answer.order);
}

static const struct batch_slot *find_earlier(const struct batch *batch, const struct batch_slot *slot)
{
    for (const struct batch_slot *earlier = batch->slots; earlier < slot; earlier++) {
        if ((earlier->outcome == SLOT_ADMITTED || earlier->outcome == SLOT_REFUSED) &&
            earlier->trader == slot->trader &&
            strcmp(earlier->checked.request.idempotent_key, slot->checked.request.idempotent_key) == 0)
            return earlier;
    }
    return NULL;
}

static void view_order(const struct batch_slot *slot, bool accepted, struct instant now,
                       struct order_view *ret_order)
{
    const struct order_request *order = &slot->checked.request;

    *ret_order = (struct order_view){
        .id = order->order_id,
        .trader_id = order->trader_id,
        .side = order->side,
        .quantity = order->quantity,
        .order_type = order->order_type,
        .time_in_force = order->time_in_force,
        .has_price = order->has_price,
        .price = order->price,
        .has_stop_loss = order->has_stop_loss,
        .stop_loss = order->stop_loss,
        .has_take_profit = order->has_take_profit,
        .take_profit = order->take_profit,
        .status = accepted ? ORDER_STATUS_PENDING : ORDER_STATUS_REJECTED,
        .execution_state = accepted ? EXECUTION_STATE_ADMITTED : EXECUTION_STATE_DONE,
        .created_at = now,
        .updated_at = now,
    };
    memcpy(ret_order->symbol, order->symbol, sizeof(order->symbol));
    memcpy(ret_order->idempotent_key, order->idempotent_key, sizeof(order->idempotent_key));
    if (!accepted)
        (void)snprintf(ret_order->reason, sizeof(ret_order->reason), "%s",
                       reject_text((enum reject_code)slot->verdict.faults[0].code));
}

static void answer_warnings(struct batch_slot *slot)
{
    slot->answer.warnings_count = slot->verdict.warning_count;
    memcpy(slot->answer.warnings, slot->verdict.warnings, slot->verdict.warning_count * sizeof(struct fault));
}

static void admit(struct batch *batch, struct batch_slot *slot)
{
    struct batch_trader *trader = &batch->traders[slot->trader];
    struct batch_position *position = &batch->positions[slot->position];
    const struct order_request *order = &slot->checked.request;
    bool buys = order->side == SIDE_BUY;
    struct decimal *added = buys ? &position->added_buy : &position->added_sell;
    struct decimal *reducing = buys ? &position->added_reducing_buy : &position->added_reducing_sell;
    struct decimal notional_before = trader->account.daily_notional;

    risk_apply(order, &slot->verdict, &trader->account, &position->now);
    /* What was added is part of what risk_apply has just added up. */
    trader->added_reserved.units += slot->verdict.reserved.units;
    trader->added_notional.units += trader->account.daily_notional.units - notional_before.units;
    trader->added_open_orders++;
    added->units += order->quantity.units;
    reducing->units += order->quantity.units - slot->verdict.reserve_quantity.units;
    slot->outcome = SLOT_ADMITTED;
    slot->wake_lane = true;
    /* Good-till-cancelled outlives the day; nothing else does, also what only waits for its turn. */
    slot->expires_at = order->time_in_force == TIME_IN_FORCE_GTC ? (struct instant){0} : batch->day_end;
    begin_answer(slot, ANSWER_CREATED, false);
    answer_warnings(slot);
}

static void answer_faults(struct batch_slot *slot, enum answer_outcome outcome)
{
    begin_answer(slot, outcome, false);
    slot->answer.faults_count = slot->verdict.fault_count;
    memcpy(slot->answer.faults, slot->verdict.faults, slot->verdict.fault_count * sizeof(struct fault));
}

/* What would become of the order; the numbers as far as the rules could be asked. */
static void preview(const struct batch *batch, struct batch_slot *slot)
{
    const struct risk_account *account = &batch->traders[slot->trader].account;
    const struct order_request *order = &slot->checked.request;
    const struct risk_verdict *verdict = &slot->verdict;
    struct preview_view *view = &slot->answer.preview;
    struct decimal held = batch->positions[slot->position].now.quantity, power;

    slot->outcome = SLOT_PREVIEWED;
    answer_faults(slot, ANSWER_PREVIEWED);
    answer_warnings(slot);
    slot->answer.has_preview = true;
    *view = (struct preview_view){
        .has_estimated_price = decimal_is_positive(verdict->expected_price),
        .estimated_price = verdict->expected_price,
        .has_estimated_cost = decimal_is_positive(verdict->expected_price),
        .estimated_cost = verdict->cost,
    };
    if (verdict->fault_count > 0)
        return;
    view->has_buying_power_after = risk_buying_power(account, &power) == 0 &&
                                   decimal_sub(power, verdict->cost, &view->buying_power_after) == 0;
    view->has_position_after =
        (order->side == SIDE_BUY ? decimal_add(held, order->quantity, &view->position_after)
                                 : decimal_sub(held, order->quantity, &view->position_after)) == 0;
}

static void decide_new(struct batch *batch, struct batch_slot *slot, struct instant now)
{
    const struct batch_trader *trader = &batch->traders[slot->trader];
    const struct batch_symbol *symbol = &batch->symbols[slot->symbol];
    struct risk_market market = {.has_last_price = symbol->has_last_price,
                                 .last_price = symbol->last_price,
                                 .price_age_us = symbol->price_age_us,
                                 .price_age_max_us = batch->price_age_max_us,
                                 .market_collar_pct = batch->market_collar_pct,
                                 .halt_all = &batch->halt_all,
                                 .halt_trader = &trader->halt,
                                 .halt_symbol = &symbol->halt};
    struct order_view order;

    memcpy(market.currency, symbol->currency, sizeof(market.currency));
    risk_decide(&slot->checked.request, slot->checked.faults, slot->checked.faults_count, &trader->account,
                &batch->positions[slot->position].now, &market, &slot->verdict);
    if (slot->checked.request.preview) {
        preview(batch, slot);
        return;
    }
    bool accepted = slot->verdict.fault_count == 0;
    if (accepted) {
        admit(batch, slot);
    } else {
        slot->outcome = SLOT_REFUSED;
        answer_faults(slot, ANSWER_REJECTED);
    }
    view_order(slot, accepted, now, &order);
    set_order(slot, &order);
}

static bool is_visible_ascii(const char *text)
{
    const char *c = text;

    while (*c >= 0x21 && *c <= 0x7e)
        c++;
    return c > text && *c == '\0';
}

/* What the gateway promises and the tables insist on. Checked before SQL, where one bad row would fail the
 * batch. */
static bool is_storable(const struct order_request *order)
{
    return decimal_is_positive(order->quantity) && (!order->has_price || decimal_is_positive(order->price)) &&
           (!order->has_stop_loss || decimal_is_positive(order->stop_loss)) &&
           (!order->has_take_profit || decimal_is_positive(order->take_profit)) &&
           is_visible_ascii(order->idempotent_key) && order->symbol[0] != '\0';
}

static void decide_slot(struct batch *batch, struct batch_slot *slot, struct instant now)
{
    const struct batch_slot *earlier;

    bool preview = slot->checked.request.preview; /* its key is nobody's */

    if (slot->is_found && !preview) {
        answer_found(slot);
    } else if (!preview && (earlier = find_earlier(batch, slot)) != NULL) {
        answer_earlier(slot, earlier);
    } else if (deadline_has_passed(&slot->envelope, now)) {
        slot->outcome = SLOT_EXPIRED;
    } else if (!is_storable(&slot->checked.request)) {
        batch_slot_unavailable(
            slot, "The request does not have the form that the gateway guarantees; report it to operations.");
    } else if (!batch->traders[slot->trader].is_known) {
        batch_slot_unavailable(slot, "There is no account of this trader; ask operations to open one.");
    } else if (batch->audit_is_behind) {
        batch_slot_unavailable(slot, "The audit log falls behind, so no order is taken; try again shortly.");
    } else {
        decide_new(batch, slot, now);
    }
}

void batch_decide(struct batch *batch, struct instant now)
{
    for (size_t i = 0; i < batch->count; i++)
        decide_slot(batch, &batch->slots[i], now);
}

static void add_slot_events(struct event_batch *events, const struct batch_slot *slot, struct instant now,
                            struct uuid_source *ids)
{
    static const char service_name[ACTOR_MAX] = "risk-manager";
    const struct order_view *order = &slot->answer.order;
    bool admitted = slot->outcome == SLOT_ADMITTED;

    struct event *event = order_event_add(events, order, AUDIT_ACTION_SUBMITTED, slot->checked.request.actor,
                                          &slot->envelope, now, ids);
    /* An entry tells the order after its own action: whatever comes of it, one that waits. */
    event->status = ORDER_STATUS_PENDING;
    event->execution_state = EXECUTION_STATE_ADMITTED;
    event = order_event_add(events, order, admitted ? AUDIT_ACTION_APPROVED : AUDIT_ACTION_REJECTED,
                            service_name, &slot->envelope, now, ids);
    if (admitted)
        return;
    memcpy(event->reason, order->reason, sizeof(event->reason));
    fault_join_messages(slot->answer.faults, slot->answer.faults_count, event->message,
                        sizeof(event->message));
}

void batch_events(const struct batch *batch, struct instant now, struct uuid_source *ids,
                  struct event_batch *ret_events)
{
    ret_events->events_count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_slot *slot = &batch->slots[i];
        if (slot->outcome == SLOT_ADMITTED || slot->outcome == SLOT_REFUSED)
            add_slot_events(ret_events, slot, now, ids);
    }
}
