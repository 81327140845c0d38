/* SPDX-License-Identifier: Apache-2.0 */
/* Random orders, fills, cancels and late fills: what execute and ledger keep adding up, against a slow model
 * that counts everything anew from the facts in exact integers.
 *
 * OXE_LEDGER_SEED runs the one seed that a failure has named. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/execute.h"
#include "services/executor/core/ledger.h"

__extension__ typedef __int128 wide;

enum { ROUNDS = 200, STEPS = 1000, ORDERS_MAX = 600, SYMBOLS = 3, DAYS = 4 };

static const struct execute_policy policy = {
    .venue = "SIM", .actor = "executor", .attempts_max = 3, .answer_timeout_us = 5000000};

/* The facts about one order, and nothing that execute or the ledger has computed. */
struct model_order {
    size_t symbol;
    bool buys;
    int64_t quantity, filled;
    int64_t reserve_quantity, reserve_price;
    bool over;
};

struct model_position {
    wide quantity, cost, realized, realized_ever;
    int64_t day;
};

struct round {
    uint64_t random;
    struct ledger_account account; /* as the services keep it */
    struct ledger_position positions[SYMBOLS];
    struct execution orders[ORDERS_MAX];
    struct model_order facts[ORDERS_MAX]; /* the model */
    struct model_position model[SYMBOLS];
    wide cash;
    size_t count;
    size_t fills, late, closings, crossings, ends;
};

static uint64_t draw(struct round *r, uint64_t below)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random % below;
}

/* Of very different sizes: one unit, odd fractions, whole lots. */
static int64_t draw_amount(struct round *r, int64_t whole_max)
{
    switch (draw(r, 4)) {
    case 0:
        return 1 + (int64_t)draw(r, 9);
    case 1:
        return 1 + (int64_t)draw(r, (uint64_t)DECIMAL_ONE);
    default:
        return (1 + (int64_t)draw(r, (uint64_t)whole_max)) * DECIMAL_ONE;
    }
}

/* a ÷ b to the nearest whole number, halves to the even one; b > 0. */
static wide divide_half_even(wide a, wide b)
{
    wide down = a / b - (a % b < 0), rest = a - down * b;

    return 2 * rest > b || (2 * rest == b && down % 2 != 0) ? down + 1 : down;
}

static wide divide_up(wide a, wide b)
{
    return (a + b - 1) / b;
}

/* One fill by the book: first what closes the position, at its average cost; then what opens. */
static void model_fill(struct round *r, const struct model_order *order, int64_t quantity, int64_t price,
                       int64_t day)
{
    struct model_position *p = &r->model[order->symbol];
    wide sign = order->buys ? 1 : -1, held = p->quantity * -sign; /* > 0: the fill closes */
    wide notional = divide_half_even((wide)quantity * price, DECIMAL_ONE);
    wide closes = held <= 0 ? 0 : held < quantity ? held : quantity;

    r->cash -= sign * notional;
    wide closing_notional = closes == quantity ? notional : divide_half_even(notional * closes, quantity);
    if (closes > 0) {
        wide freed = closes == held ? p->cost : divide_half_even(p->cost * closes, held);
        wide profit = -sign * closing_notional - freed;
        p->realized = (p->day == day ? p->realized : 0) + profit;
        p->realized_ever += profit;
        p->day = day;
        p->cost -= freed;
        r->closings++;
        r->crossings += closes < quantity;
    }
    p->cost += sign * (notional - closing_notional);
    p->quantity += sign * quantity;
}

/* What the order reserves, from the facts alone. */
static wide model_reserved(const struct model_order *order)
{
    int64_t left = order->quantity - order->filled;

    left = left < order->reserve_quantity ? left : order->reserve_quantity;
    return order->over || left <= 0 ? 0 : divide_up((wide)left * order->reserve_price, DECIMAL_ONE);
}

static const char *compare(const struct round *r)
{
    wide reserved = 0, open[SYMBOLS][2] = {{0}}, reducing[SYMBOLS][2] = {{0}}, flow = r->cash,
         open_orders = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct model_order *order = &r->facts[i];
        reserved += model_reserved(order);
        open_orders += !order->over;
        if (!order->over && order->filled < order->quantity)
            open[order->symbol][order->buys] += order->quantity - order->filled;
        if (!order->over && order->filled < order->quantity - order->reserve_quantity)
            reducing[order->symbol][order->buys] += order->quantity - order->reserve_quantity - order->filled;
    }
    if (r->account.cash.units != r->cash)
        return "cash";
    if (r->account.reserved.units != reserved)
        return "reserved";
    if (r->account.open_orders != open_orders)
        return "open orders";
    for (size_t i = 0; i < SYMBOLS; i++) {
        const struct ledger_position *p = &r->positions[i];
        const struct model_position *m = &r->model[i];
        if (p->quantity.units != m->quantity)
            return "quantity";
        if (p->cost.units != m->cost)
            return "cost";
        if (p->open_buy.units != open[i][true] || p->open_sell.units != open[i][false])
            return "open quantity";
        if (p->reducing_buy.units != reducing[i][true] || p->reducing_sell.units != reducing[i][false])
            return "reducing quantity";
        if (p->realized_pnl.units != m->realized || p->realized_day != m->day)
            return "realized profit";
        if (m->quantity == 0 && m->cost != 0)
            return "cost of nothing";
        flow += m->cost - m->realized_ever;
    }
    /* Whatever was rounded: cash is what was realized less what the positions cost. */
    return flow == 0 ? NULL : "the sum of cash, cost and profit";
}

/* As admission does: the order reserves and is open. */
static void place(struct round *r)
{
    struct model_order fact = {.symbol = draw(r, SYMBOLS), .buys = draw(r, 2) == 0};
    struct execution *order = &r->orders[r->count];

    fact.quantity = draw_amount(r, 500);
    fact.reserve_price = fact.buys || draw(r, 4) == 0 ? draw_amount(r, 300) : 0;
    fact.reserve_quantity = fact.reserve_price == 0 ? 0
                            : draw(r, 2) == 0       ? fact.quantity
                                                    : 1 + (int64_t)draw(r, (uint64_t)fact.quantity);
    *order = (struct execution){.symbol = "AAPL",
                                .side = fact.buys ? SIDE_BUY : SIDE_SELL,
                                .order_type = ORDER_TYPE_LIMIT,
                                .time_in_force = TIME_IN_FORCE_GTC,
                                .quantity = {fact.quantity},
                                .price = {fact.reserve_price > 0 ? fact.reserve_price : DECIMAL_ONE},
                                .status = ORDER_STATUS_PENDING,
                                .state = EXECUTION_STATE_WORKING,
                                .attempts = 1,
                                .reserve_price = {fact.reserve_price},
                                .reserve_quantity = {fact.reserve_quantity}};
    order->id.bytes[0] = 1;
    memcpy(&order->id.bytes[8], &r->count, sizeof(r->count));
    cr_assert_eq(execution_reservation(order, &order->reserved), 0);
    r->account.reserved.units += order->reserved.units;
    r->account.open_orders++;
    struct ledger_position *p = &r->positions[fact.symbol];
    *(fact.buys ? &p->open_buy.units : &p->open_sell.units) += fact.quantity;
    *(fact.buys ? &p->reducing_buy.units : &p->reducing_sell.units) += fact.quantity - fact.reserve_quantity;
    r->facts[r->count++] = fact;
}

static void post(struct round *r, size_t at, struct venue_event *report, int64_t day)
{
    struct execution *order = &r->orders[at], before = *order;
    struct execute_effect effect;

    report->known = true;
    report->order_id = order->id;
    memcpy(report->symbol, order->symbol, sizeof(report->symbol));
    execute_report(order, report, NULL, execute_begin(&effect, &policy, (struct instant){1000000}));
    int result = ledger_post(&r->account, &r->positions[r->facts[at].symbol], &before, order,
                             effect.filled ? &effect.fill : NULL, day);
    cr_assert_eq(result, 0);
}

/* At the limit or better, or worse as a market order's: the reservation follows the quantity only. */
static void fill(struct round *r, size_t at, int64_t day)
{
    struct model_order *fact = &r->facts[at];
    int64_t left = fact->quantity - fact->filled, price = draw_amount(r, 300);
    struct venue_event report = {.type = VENUE_FILL, .transact_time = {1000000}};

    if (left <= 0)
        return;
    int64_t quantity = draw(r, 3) == 0 ? left : 1 + (int64_t)draw(r, (uint64_t)left);
    report.last_quantity = decimal_from_units(quantity);
    report.last_price = decimal_from_units(price);
    report.cum_quantity = decimal_from_units(fact->filled + quantity);
    (void)snprintf(report.exec_id, sizeof(report.exec_id), "E-%zu", r->fills);
    post(r, at, &report, day);
    model_fill(r, fact, quantity, price, day);
    r->fills++;
    r->late += fact->over;
    fact->filled += quantity;
    fact->over = fact->over || fact->filled == fact->quantity;
}

static void end_order(struct round *r, size_t at, int64_t day)
{
    static const enum venue_event_type ends[] = {VENUE_CANCELLED, VENUE_EXPIRED};
    struct model_order *fact = &r->facts[at];
    struct venue_event report = {.type = ends[draw(r, ARRAY_LEN(ends))]};

    report.cum_quantity = decimal_from_units(fact->filled);
    post(r, at, &report, day);
    r->ends += !fact->over;
    fact->over = true;
}

static void begin(struct round *r, uint64_t seed)
{
    memset(r, 0, sizeof(*r));
    r->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < SYMBOLS; i++)
        r->positions[i].realized_day = r->model[i].day = LEDGER_NO_DAY;
}

static void run(struct round *r, uint64_t seed)
{
    begin(r, seed);
    for (size_t step = 0; step < STEPS; step++) {
        int64_t day = 20000 + (int64_t)(step * DAYS / STEPS);
        uint64_t what = draw(r, 10);
        if (r->count == 0 || (what < 4 && r->count < ORDERS_MAX))
            place(r);
        else if (what < 9)
            fill(r, draw(r, r->count), day);
        else
            end_order(r, draw(r, r->count), day);
        const char *wrong = compare(r);
        cr_assert_null(wrong, "OXE_LEDGER_SEED=%llu: after step %zu %s is not the model's",
                       (unsigned long long)seed, step, wrong);
    }
}

Test(ledger_model, what_is_kept_is_what_the_facts_add_up_to, .timeout = 120)
{
    const char *only = getenv("OXE_LEDGER_SEED");
    struct round *r = calloc(1, sizeof(*r));
    size_t fills = 0, late = 0, closings = 0, crossings = 0, ends = 0;

    cr_assert_not_null(r);
    if (only != NULL)
        run(r, strtoull(only, NULL, 10));
    for (uint64_t seed = 1; only == NULL && seed <= ROUNDS; seed++) {
        run(r, seed);
        fills += r->fills;
        late += r->late;
        closings += r->closings;
        crossings += r->crossings;
        ends += r->ends;
    }
    free(r);
    /* The histories are not empty ones. */
    if (only == NULL)
        cr_expect(fills > 20000 && late > 1000 && closings > 5000 && crossings > 1000 && ends > 5000,
                  "%zu fills (%zu late), %zu closings (%zu through zero), %zu ends", fills, late, closings,
                  crossings, ends);
}

/* An order's way, and what it reserves after each step: to the last unit, whatever the price was. */
Test(ledger_model, a_reservation_follows_what_is_left)
{
    static const struct {
        const char *name;
        int64_t quantity, reserve_quantity, reserve_price;
        int64_t fill_1, price_1, fill_2, price_2;
        bool cancelled;
        int64_t reserved[4]; /* at first, after each fill, at the end */
    } cases[] = {
        {"filled in two at the limit",
         10,
         10,
         3 * DECIMAL_ONE,
         4,
         3 * DECIMAL_ONE,
         6,
         3 * DECIMAL_ONE,
         false,
         {30, 18, 0, 0}},
        {"a better price frees no more than the quantity",
         10,
         10,
         3 * DECIMAL_ONE,
         4,
         DECIMAL_ONE,
         5,
         1,
         false,
         {30, 18, 3, 3}},
        {"a worse price takes no more",
         10,
         10,
         3 * DECIMAL_ONE,
         4,
         9 * DECIMAL_ONE,
         5,
         9 * DECIMAL_ONE,
         false,
         {30, 18, 3, 3}},
        {"rounded up each time", 10, 10, DECIMAL_ONE / 3, 1, 1, 1, 1, false, {4, 3, 3, 3}},
        {"a cancel frees the rest", 10, 10, 3 * DECIMAL_ONE, 4, DECIMAL_ONE, 5, 1, true, {30, 18, 3, 0}},
        {"a short sale: the first fills are the holding's, and reserve nothing",
         10,
         4,
         3 * DECIMAL_ONE,
         6,
         DECIMAL_ONE,
         1,
         1,
         false,
         {12, 12, 9, 9}},
        {"what reserves nothing", 10, 0, 0, 3, DECIMAL_ONE, 1, 1, true, {0, 0, 0, 0}},
    };
    struct round *r = calloc(1, sizeof(*r));

    cr_assert_not_null(r);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        begin(r, 1);
        struct execution *order = &r->orders[0];
        *order = (struct execution){.symbol = "AAPL",
                                    .side = SIDE_BUY,
                                    .order_type = ORDER_TYPE_LIMIT,
                                    .quantity = {cases[i].quantity},
                                    .price = {DECIMAL_ONE},
                                    .status = ORDER_STATUS_PENDING,
                                    .state = EXECUTION_STATE_WORKING,
                                    .attempts = 1,
                                    .time_in_force = TIME_IN_FORCE_GTC,
                                    .reserve_price = {cases[i].reserve_price},
                                    .reserve_quantity = {cases[i].reserve_quantity}};
        order->id.bytes[0] = 1;
        cr_assert_eq(execution_reservation(order, &order->reserved), 0);
        r->account.reserved = order->reserved;
        r->account.open_orders = 1;
        r->positions[0].open_buy = order->quantity;
        r->positions[0].reducing_buy = execution_reducing_quantity(order);
        cr_expect_eq(r->account.reserved.units, cases[i].reserved[0], "%s: at first", cases[i].name);
        const int64_t fills[][2] = {{cases[i].fill_1, cases[i].price_1}, {cases[i].fill_2, cases[i].price_2}};
        for (size_t f = 0; f < ARRAY_LEN(fills); f++) {
            struct venue_event report = {.type = VENUE_FILL, .transact_time = {1}};
            report.last_quantity = decimal_from_units(fills[f][0]);
            report.last_price = decimal_from_units(fills[f][1]);
            report.cum_quantity = decimal_from_units(order->filled.units + fills[f][0]);
            (void)snprintf(report.exec_id, sizeof(report.exec_id), "E-%zu", f);
            post(r, 0, &report, 1);
            cr_expect_eq(r->account.reserved.units, cases[i].reserved[1 + f], "%s: %lld after fill %zu",
                         cases[i].name, (long long)r->account.reserved.units, f + 1);
        }
        struct venue_event cancelled = {.type = VENUE_CANCELLED, .cum_quantity = order->filled};
        if (cases[i].cancelled)
            post(r, 0, &cancelled, 1);
        cr_expect_eq(r->account.reserved.units, cases[i].reserved[3], "%s: at the end", cases[i].name);
        cr_expect_eq(r->account.reserved.units, order->reserved.units, "%s", cases[i].name);
    }
    free(r);
}
