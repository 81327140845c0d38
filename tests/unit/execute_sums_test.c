/* SPDX-License-Identifier: Apache-2.0 */
/* Random reports about one order: no history of them may break a sum of order, account and position. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "proto/order_state.h"
#include "services/executor/core/execute.h"
#include "services/executor/core/ledger.h"

static const struct execute_policy policy = {.venue = "SIM",
                                             .actor = "executor",
                                             .attempts_max = 3,
                                             .refuses_known_ids = true,
                                             .answer_timeout_us = 5000000,
                                             .retry_delay_us = 1000000,
                                             .status_timeout_us = 30000000};
static const struct instant now = {INT64_C(1700000000000000)};
static struct execute_effect effect;

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

enum { HISTORIES = 3000, STEPS = 80, EXECUTIONS = 12 };

struct history {
    uint64_t random;
    struct execution order;
    struct ledger_account account, opening;
    struct ledger_position position;
    struct execute_fill fills[EXECUTIONS]; /* on record */
    bool on_record[EXECUTIONS];
    struct decimal realized; /* over all days */
    int sends;
};

static uint64_t draw(struct history *history, uint64_t below)
{
    history->random ^= history->random << 13;
    history->random ^= history->random >> 7;
    history->random ^= history->random << 17;
    return history->random % below;
}

static void begin_history(struct history *history, uint64_t seed)
{
    *history = (struct history){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    struct execution *order = &history->order;
    *order = (struct execution){
        .id = {.bytes = {1}},
        .trader_id = {.bytes = {2}},
        .symbol = "AAPL",
        .order_type = ORDER_TYPE_LIMIT,
        .time_in_force = TIME_IN_FORCE_DAY,
        .quantity = whole(100),
        .price = whole(10),
        .status = ORDER_STATUS_PENDING,
        .state = EXECUTION_STATE_SENT,
        .attempts = 1,
        .reserve_quantity = whole(100),
    };
    order->side = draw(history, 2) == 0 ? SIDE_BUY : SIDE_SELL;
    if (order->side == SIDE_SELL)
        order->reserve_quantity = whole((int64_t)draw(history, 101));
    order->reserve_price = decimal_from_units((int64_t)draw(history, 2000000000));
    order->cancel_requested_at = draw(history, 4) == 0 ? now : (struct instant){0};
    cr_assert_eq(execution_reservation(order, &order->reserved), 0);
    int64_t held = (int64_t)draw(history, 301) - 150;
    history->position = (struct ledger_position){
        .quantity = whole(held), .cost = whole(held * 9), .realized_day = LEDGER_NO_DAY};
    history->account =
        (struct ledger_account){.cash = whole(5000), .reserved = order->reserved, .open_orders = 1};
    *(order->side == SIDE_BUY ? &history->position.open_buy : &history->position.open_sell) = order->quantity;
    history->opening = history->account;
    history->sends = 1;
}

/* Executions with the same number have, mostly, the same figures. */
static struct venue_event draw_report(struct history *history, size_t *ret_execution)
{
    static const enum venue_event_type types[] = {
        VENUE_FILL,      VENUE_FILL,   VENUE_FILL,          VENUE_ACKNOWLEDGED,    VENUE_REJECTED,
        VENUE_DUPLICATE, VENUE_STATUS, VENUE_UNKNOWN_ORDER, VENUE_CANCEL_REJECTED, VENUE_UNEXPECTED,
        VENUE_CANCELLED, VENUE_EXPIRED};
    struct venue_event report = {.type = types[draw(history, ARRAY_LEN(types))],
                                 .known = true,
                                 .order_id = history->order.id,
                                 .symbol = "AAPL",
                                 .cum_quantity = whole((int64_t)draw(history, 130))};
    size_t execution = draw(history, EXECUTIONS);
    if (draw(history, 3) > 0) /* the sums of a faithful exchange */
        report.cum_quantity = history->order.filled;
    report.venue_status = (enum order_status)(draw(history, 6) + 1);
    report.possible_duplicate = draw(history, 4) == 0;
    report.last_quantity = whole((int64_t)(execution * 3 + 1));
    report.last_price = decimal_from_units((int64_t)(execution + 1) * 333333333 + (draw(history, 20) == 0));
    (void)snprintf(report.exec_id, sizeof(report.exec_id), "E%zu", execution);
    *ret_execution = execution;
    return report;
}

static void check_sums(const struct history *h, uint64_t seed)
{
    const struct execution *order = &h->order;
    bool buys = order->side == SIDE_BUY;
    struct decimal filled = decimal_zero(), notional = decimal_zero(), reserved, change, cost_change;
    for (size_t i = 0; i < EXECUTIONS; i++) {
        filled.units += h->on_record[i] ? h->fills[i].quantity.units : 0;
        notional.units += h->on_record[i] ? h->fills[i].notional.units : 0;
    }
    cr_assert_eq(order->filled.units, filled.units, "seed %llu: filled", (unsigned long long)seed);
    cr_assert_eq(order->notional.units, notional.units, "seed %llu: notional", (unsigned long long)seed);
    cr_assert_eq(execution_reservation(order, &reserved), 0);
    cr_assert_eq(order->reserved.units, reserved.units, "seed %llu: reserved", (unsigned long long)seed);
    cr_assert_geq(order->reserved.units, 0);
    cr_assert_eq(h->account.reserved.units, reserved.units, "seed %llu: account", (unsigned long long)seed);
    cr_assert_eq(h->account.open_orders, order->state != EXECUTION_STATE_DONE);
    cr_assert_eq((buys ? h->position.open_buy : h->position.open_sell).units,
                 execution_open_quantity(order).units, "seed %llu: open", (unsigned long long)seed);
    change.units = h->account.cash.units - h->opening.cash.units;
    cr_assert_eq(change.units, buys ? -notional.units : notional.units, "seed %llu: cash",
                 (unsigned long long)seed);
    cost_change.units = h->realized.units - change.units;
    struct history first;
    begin_history(&first, seed);
    cr_assert_eq(cost_change.units, h->position.cost.units - first.position.cost.units,
                 "seed %llu: cash, cost and P&L", (unsigned long long)seed);
    cr_assert_eq(h->position.quantity.units,
                 first.position.quantity.units + (buys ? filled.units : -filled.units), "seed %llu: position",
                 (unsigned long long)seed);
    cr_assert_eq(order->status == ORDER_STATUS_FILLED, decimal_compare(order->filled, order->quantity) >= 0,
                 "seed %llu: FILLED when filled", (unsigned long long)seed);
    cr_assert_leq(order->attempts, policy.attempts_max);
    cr_assert_eq(order->attempts, h->sends);
}

static void take_step(struct history *h, uint64_t seed, int number)
{
    size_t execution;
    struct execution before = h->order;
    struct venue_event report = draw_report(h, &execution);
    struct ledger_position held = h->position;
    if (draw(h, 2) == 0)
        execution_asked(&h->order.questions);
    const struct execute_fill *recorded = h->on_record[execution] ? &h->fills[execution] : NULL;
    execute_report(&h->order, &report, report.type == VENUE_FILL ? recorded : NULL,
                   execute_begin(&effect, &policy, now));
    cr_assert(order_state_allows((struct order_state){before.state, before.status},
                                 (struct order_state){h->order.state, h->order.status}),
              "seed %llu: from %s to %s", (unsigned long long)seed, execution_state_text(before.state),
              execution_state_text(h->order.state));
    cr_assert_eq(ledger_post(&h->account, &h->position, &before, &h->order,
                             effect.filled ? &effect.fill : NULL, number / 10),
                 0);
    /* A new day starts its P&L at zero. */
    bool new_day = held.realized_day != h->position.realized_day;
    h->realized.units += h->position.realized_pnl.units - (new_day ? 0 : held.realized_pnl.units);
    if (effect.filled) {
        cr_assert_not(h->on_record[execution], "seed %llu: counted twice", (unsigned long long)seed);
        h->fills[execution] = effect.fill;
        h->on_record[execution] = true;
        cr_assert_eq(effect.events[0].action, AUDIT_ACTION_FILLED);
    }
    if (effect.resend) {
        execution_sent(&h->order.questions, h->order.quantity);
        h->sends++;
        cr_assert(decimal_is_zero(before.filled), "seed %llu: sent again although filled",
                  (unsigned long long)seed);
        cr_assert_eq(before.cancel_requested_at.us, 0);
    }
    /* A fill of a sent order is counted, is a duplicate, or is put aside: never lost. */
    if (report.type == VENUE_FILL)
        cr_assert(effect.filled || effect.duplicate || effect.aside == EXECUTE_ASIDE_DUPLICATE_DIFFERS);
    check_sums(h, seed);
}

Test(execute_sums, no_history_breaks_the_sums)
{
    static struct history history;
    int filled = 0, overfilled = 0, retried = 0;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        begin_history(&history, seed);
        for (int i = 0; i < STEPS; i++)
            take_step(&history, seed, i);
        filled += history.order.status == ORDER_STATUS_FILLED;
        overfilled += decimal_compare(history.order.filled, history.order.quantity) > 0;
        retried += history.sends > 1;
    }
    /* The histories must reach what they are there to show. */
    cr_expect_gt(filled, HISTORIES / 2);
    cr_expect_gt(overfilled, HISTORIES / 10);
    cr_expect_gt(retried, HISTORIES / 50);
}
