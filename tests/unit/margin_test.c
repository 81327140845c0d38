/* SPDX-License-Identifier: Apache-2.0 */
/* Buying power over any sequence of admissions, fills and cancels at constant prices: risk_decide admits,
 * execute and ledger carry out. It never becomes negative, no short grows beyond what the margin allows, and
 * cash outlives every short that is bought back.
 *
 * A MARKET or STOP fills at the last price, a LIMIT at the better of the two. Quantities and prices are
 * whole, so that nothing is rounded. */
#include <criterion/criterion.h>

#include "proto/risk.h"
#include "services/executor/core/ledger.h"

enum { ROUNDS = 3000, STEPS = 120, ORDERS_MAX = STEPS, SYMBOLS = 2, CASH = 20000, LAST = 100 };

struct round {
    uint64_t random;
    int64_t margin_pct;
    struct ledger_account account;
    struct ledger_position positions[SYMBOLS];
    struct execution orders[ORDERS_MAX];
    size_t symbol_of[ORDERS_MAX];
    size_t count;
    size_t admitted, refused, covers, overtaken;
};

static int64_t draw(struct round *r, int64_t below)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return (int64_t)(r->random % (uint64_t)below);
}

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* As oxe.margin, whose numbers pgTAP compares. */
static struct decimal margin_of(const struct ledger_position *p, int64_t pct)
{
    int64_t held = larger(-p->quantity.units, larger(p->reducing_buy.units, 0));
    int64_t unpaid = larger(p->reducing_sell.units - larger(p->quantity.units, 0), 0);

    return decimal_from_units((held * pct + unpaid * (pct - 100)) / 100 * LAST);
}

static struct risk_account view_account(const struct round *r)
{
    struct risk_account account = {.status = ACCOUNT_ACTIVE,
                                   .cash = r->account.cash,
                                   .reserved = r->account.reserved,
                                   .limits = {.daily_loss = whole(1000000),
                                              .max_position_quantity = whole(1000000),
                                              .max_order_quantity = whole(1000000),
                                              .max_order_notional = whole(1000000),
                                              .price_collar_pct = whole(10),
                                              .short_margin_pct = whole(r->margin_pct),
                                              .max_open_orders = 1000,
                                              .short_selling = true}};

    for (size_t i = 0; i < SYMBOLS; i++)
        account.margin.units += margin_of(&r->positions[i], r->margin_pct).units;
    return account;
}

static int64_t buying_power(const struct round *r)
{
    struct risk_account account = view_account(r);
    struct decimal power;

    cr_assert_eq(risk_buying_power(&account, &power), 0);
    return power.units;
}

static bool admit(struct round *r, size_t symbol, const struct order_request *request)
{
    static struct risk_verdict verdict;
    struct ledger_position *p = &r->positions[symbol];
    const struct risk_position position = {p->quantity, p->open_buy, p->open_sell, p->reducing_buy,
                                           p->reducing_sell};
    const struct risk_market market = {
        .has_last_price = true, .last_price = whole(LAST), .market_collar_pct = whole(5)};
    struct risk_account account = view_account(r);

    risk_decide(request, NULL, 0, &account, &position, &market, &verdict);
    if (verdict.fault_count > 0) {
        cr_assert_eq(verdict.faults[0].code, REJECT_INSUFFICIENT_BUYING_POWER, "%s",
                     verdict.faults[0].message);
        r->refused++;
        return false;
    }
    struct execution *order = &r->orders[r->count];
    struct execution before = {.side = request->side, .state = EXECUTION_STATE_DONE};
    *order = (struct execution){.side = request->side,
                                .order_type = request->order_type,
                                .quantity = request->quantity,
                                .price = request->price,
                                .state = EXECUTION_STATE_WORKING,
                                .reserve_price = verdict.reserve_price,
                                .reserve_quantity = verdict.reserve_quantity};
    r->symbol_of[r->count++] = symbol;
    cr_assert_eq(execution_reservation(order, &order->reserved), 0);
    cr_assert_eq(order->reserved.units, verdict.reserved.units);
    cr_assert_eq(ledger_post(&r->account, p, &before, order, NULL, 1), 0);
    r->covers += decimal_is_zero(verdict.reserved);
    r->admitted++;
    return true;
}

static void admit_any(struct round *r)
{
    struct order_request request = {.symbol = "AAPL",
                                    .side = draw(r, 2) == 0 ? SIDE_BUY : SIDE_SELL,
                                    .order_type = (enum order_type)(ORDER_TYPE_MARKET + draw(r, 3)),
                                    .quantity = whole(1 + draw(r, draw(r, 4) == 0 ? 300 : 40)),
                                    .has_price = true,
                                    .price = whole(90 + draw(r, 21))};

    (void)admit(r, (size_t)draw(r, SYMBOLS), &request);
}

/* What the order executes now; all zero: it waits for its price. */
static int64_t fill_price(const struct execution *order)
{
    int64_t price = order->price.units / DECIMAL_ONE;
    bool buys = order->side == SIDE_BUY;

    if (order->order_type == ORDER_TYPE_LIMIT)
        return buys == (price < LAST) ? price : LAST;
    return LAST;
}

static void fill(struct round *r, size_t i, int64_t quantity)
{
    struct execution before = r->orders[i], *order = &r->orders[i];
    struct ledger_position *p = &r->positions[r->symbol_of[i]];
    struct execute_fill fact = {.quantity = whole(quantity), .price = whole(fill_price(order))};

    fact.notional = whole(quantity * fill_price(order));
    order->filled = decimal_from_units(order->filled.units + fact.quantity.units);
    if (decimal_compare(order->filled, order->quantity) == 0)
        order->state = EXECUTION_STATE_DONE;
    cr_assert_eq(execution_reservation(order, &order->reserved), 0);
    cr_assert_eq(ledger_post(&r->account, p, &before, order, &fact, 1), 0);
    r->overtaken += p->reducing_buy.units > larger(-p->quantity.units, 0) ||
                    p->reducing_sell.units > larger(p->quantity.units, 0);
}

static void cancel(struct round *r, size_t i)
{
    struct execution before = r->orders[i];

    r->orders[i].state = EXECUTION_STATE_DONE;
    r->orders[i].reserved = decimal_zero();
    cr_assert_eq(ledger_post(&r->account, &r->positions[r->symbol_of[i]], &before, &r->orders[i], NULL, 1),
                 0);
}

static void step(struct round *r)
{
    size_t i = r->count == 0 ? 0 : (size_t)draw(r, (int64_t)r->count);
    int64_t left =
        r->count == 0 ? 0 : (r->orders[i].quantity.units - r->orders[i].filled.units) / DECIMAL_ONE;

    if (r->count == 0 || r->orders[i].state == EXECUTION_STATE_DONE || draw(r, 3) == 0)
        admit_any(r);
    else if (draw(r, 6) == 0)
        cancel(r, i);
    else
        fill(r, i, draw(r, 2) == 0 ? left : 1 + draw(r, left));
}

static void begin(struct round *r, uint64_t seed, int64_t margin_pct)
{
    *r = (struct round){.random = seed * 2654435761u + 88172645463325252u, .margin_pct = margin_pct};
    r->account.cash = whole(CASH);
    for (size_t i = 0; i < SYMBOLS; i++)
        r->positions[i].realized_day = LEDGER_NO_DAY;
}

Test(margin, buying_power_is_never_used_twice)
{
    static struct round r;
    static const int64_t margins[] = {110, 150, 250};
    size_t admitted = 0, refused = 0, covers = 0, overtaken = 0;

    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        begin(&r, seed, margins[seed % 3]);
        for (int i = 0; i < STEPS; i++) {
            step(&r);
            cr_assert_geq(buying_power(&r), 0, "seed %llu, step %d: %lld", (unsigned long long)seed, i,
                          (long long)buying_power(&r));
        }
        /* Whatever is open fills: it was paid for. */
        for (size_t i = 0; i < r.count; i++) {
            if (r.orders[i].state != EXECUTION_STATE_DONE)
                fill(&r, i, (r.orders[i].quantity.units - r.orders[i].filled.units) / DECIMAL_ONE);
            cr_assert_geq(buying_power(&r), 0, "seed %llu, order %zu", (unsigned long long)seed, i);
        }
        cr_assert_eq(r.account.reserved.units, 0);
        admitted += r.admitted;
        refused += r.refused;
        covers += r.covers;
        overtaken += r.overtaken;
    }
    cr_expect(admitted > 50000 && refused > 10000 && covers > 10000 && overtaken > 5000,
              "%zu admitted, %zu refused, %zu free, %zu overtaken", admitted, refused, covers, overtaken);
}

/* 20,000 in cash: the margin beyond the proceeds is half of the short's value. */
Test(margin, a_short_ends_where_its_margin_uses_up_the_cash)
{
    static struct round r;
    struct order_request sell = {
        .symbol = "AAPL", .side = SIDE_SELL, .order_type = ORDER_TYPE_MARKET, .quantity = whole(256)};

    begin(&r, 1, 150);
    while (sell.quantity.units >= DECIMAL_ONE) {
        if (admit(&r, 0, &sell))
            fill(&r, r.count - 1, sell.quantity.units / DECIMAL_ONE);
        else
            sell.quantity.units = sell.quantity.units / DECIMAL_ONE / 2 * DECIMAL_ONE;
    }
    cr_expect_eq(r.positions[0].quantity.units, -399 * DECIMAL_ONE, "%lld",
                 (long long)r.positions[0].quantity.units);
    cr_expect_eq(buying_power(&r), 50 * DECIMAL_ONE, "less than 57.5 is left");
    struct order_request cover = {
        .symbol = "AAPL", .side = SIDE_BUY, .order_type = ORDER_TYPE_MARKET, .quantity = whole(399)};
    cr_assert(admit(&r, 0, &cover), "the way out is free");
    cr_expect_not(admit(&r, 0, &cover), "once");
    fill(&r, r.count - 1, 399);
    cr_expect_eq(buying_power(&r), CASH * DECIMAL_ONE);
}
