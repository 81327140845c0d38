/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/risk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

__extension__ typedef __int128 wide;

#define HUNDRED decimal_from_units(100 * DECIMAL_ONE)

/* What a decision is about, and the faults that it finds. */
struct decision {
    const struct order_request *order;
    const struct risk_account *account;
    const struct risk_position *position;
    const struct risk_market *market;
    struct risk_verdict *verdict;
    struct fault_list faults;
    struct fault_list warnings;
};

static bool is_buy(const struct decision *d)
{
    return d->order->side == SIDE_BUY;
}

static void add_out_of_range(struct decision *d, const char *what)
{
    fault_add(&d->faults, REJECT_OUT_OF_RANGE, "/quantity", NULL, NULL,
              "%s is too large to be counted; send a smaller order.", what);
}

static void check_account(struct decision *d)
{
    const char *status = d->account->status == ACCOUNT_SUSPENDED ? "SUSPENDED" : "CLOSED";

    if (d->account->status != ACCOUNT_ACTIVE)
        fault_add(&d->faults, REJECT_ACCOUNT_NOT_ACTIVE, "", "ACTIVE", status,
                  "The account is %s; ask operations to make it active.", status);
}

static void check_currency(struct decision *d)
{
    const char *ours = d->account->currency, *its = d->market->currency;

    if (its[0] != '\0' && strcmp(ours, its) != 0)
        fault_add(&d->faults, REJECT_CURRENCY_MISMATCH, "/symbol", ours, its,
                  "%s trades in %s, the account is in %s; trade it from an account in %s.", d->order->symbol,
                  its, ours, its);
}

static void check_halts(struct decision *d)
{
    const struct {
        const struct risk_halt *halt;
        const char *field;
        const char *scope;
        const char *whom;
    } halts[] = {
        {d->market->halt_all, "", "ALL", "everyone"},
        {d->market->halt_trader, "", "TRADER", "this account"},
        {d->market->halt_symbol, "/symbol", "SYMBOL", d->order->symbol},
    };

    for (size_t i = 0; i < ARRAY_LEN(halts); i++) {
        if (halts[i].halt != NULL && halts[i].halt->in_force)
            fault_add(&d->faults, REJECT_TRADING_HALTED, halts[i].field, NULL, halts[i].scope,
                      "Trading is halted for %s; wait until the halt is lifted. Its reason: '%s'.",
                      halts[i].whom, halts[i].halt->reason);
    }
}

/* What is held on the other side, less what is `promised`; never below zero. */
static struct decimal unpromised(const struct decision *d, struct decimal promised)
{
    wide held = is_buy(d) ? -(wide)d->position->quantity.units : (wide)d->position->quantity.units;
    wide left = held - promised.units;

    return decimal_from_units(left < 0 ? 0 : left > INT64_MAX ? INT64_MAX : (int64_t)left);
}

/* What orders of this side can still close of the position, whatever open orders of it do. */
static struct decimal reducible(const struct decision *d)
{
    return unpromised(d, is_buy(d) ? d->position->open_buy : d->position->open_sell);
}

/* Whether the order can only bring the position closer to zero, whatever open orders of its side do. */
static bool only_reduces(const struct decision *d)
{
    return decimal_compare(d->order->quantity, reducible(d)) <= 0;
}

static void check_daily_loss(struct decision *d)
{
    struct decimal limit = d->account->limits.daily_loss;

    if (decimal_compare(d->account->loss, limit) >= 0 && !only_reduces(d))
        fault_add(
            &d->faults, REJECT_DAILY_LOSS_LIMIT, "", fault_decimal(limit).text,
            fault_decimal(d->account->loss).text,
            "Today's loss %s has reached the limit %s; until the next trading day only orders that reduce a "
            "position pass.",
            fault_decimal(d->account->loss).text, fault_decimal(limit).text);
}

static void check_open_orders(struct decision *d)
{
    int64_t limit = d->account->limits.max_open_orders, count = d->account->open_orders + 1;

    if (count > limit)
        fault_add(
            &d->faults, REJECT_MAX_OPEN_ORDERS, "", fault_integer(limit).text, fault_integer(count).text,
            "With this order there would be %s open orders, over the limit %s; cancel one or wait until one "
            "is done.",
            fault_integer(count).text, fault_integer(limit).text);
}

static void check_quantity(struct decision *d)
{
    struct decimal limit = d->account->limits.max_order_quantity, quantity = d->order->quantity;

    if (decimal_compare(quantity, limit) > 0)
        fault_add(&d->faults, REJECT_MAX_ORDER_QUANTITY, "/quantity", fault_decimal(limit).text,
                  fault_decimal(quantity).text,
                  "The quantity %s is over the limit %s of an order; send a smaller one.",
                  fault_decimal(quantity).text, fault_decimal(limit).text);
}

/* abs(s × held + open of that side + quantity) ≤ limit, or the order only reduces. */
static void check_position_limit(struct decision *d)
{
    struct decimal limit = d->account->limits.max_position_quantity;
    wide held = is_buy(d) ? (wide)d->position->quantity.units : -(wide)d->position->quantity.units;
    wide open = is_buy(d) ? d->position->open_buy.units : d->position->open_sell.units;
    wide reached = held + open + d->order->quantity.units;

    if (reached < 0)
        reached = -reached;
    if (reached > INT64_MAX || open + d->order->quantity.units > INT64_MAX) {
        add_out_of_range(d, "The position with this order");
        return;
    }
    struct decimal size = decimal_from_units((int64_t)reached);
    /* A limit may have been lowered below the holding: the way back stays open. */
    if (decimal_compare(size, limit) > 0 && !only_reduces(d))
        fault_add(
            &d->faults, REJECT_MAX_POSITION, "/quantity", fault_decimal(limit).text, fault_decimal(size).text,
            "With this order and the open %ss the position in %s would be %s, over the limit %s; send a "
            "smaller "
            "order or cancel open ones.",
            side_text(d->order->side), d->order->symbol, fault_decimal(size).text, fault_decimal(limit).text);
}

static void check_position_to_sell(struct decision *d)
{
    struct decimal left = reducible(d);

    if (is_buy(d) || d->account->limits.short_selling || only_reduces(d))
        return;
    fault_add(
        &d->faults, REJECT_INSUFFICIENT_POSITION, "/quantity", fault_decimal(left).text,
        fault_decimal(d->order->quantity).text,
        "Of %s, %s is left to sell (held %s, open SELLs %s), the order sells %s; send a smaller order or "
        "cancel open SELLs.",
        d->order->symbol, fault_decimal(left).text, fault_decimal(d->position->quantity).text,
        fault_decimal(d->position->open_sell).text, fault_decimal(d->order->quantity).text);
}

/* |price − last| ÷ last ≤ collar ÷ 100, without a division: each side stays below 2^127. */
static void check_collar(struct decision *d)
{
    struct decimal collar = d->account->limits.price_collar_pct, last = d->market->last_price;
    wide apart = (wide)d->order->price.units - last.units;
    struct decimal allowed;

    if (d->order->order_type == ORDER_TYPE_MARKET)
        return;
    if (apart < 0)
        apart = -apart;
    if (apart * 100 * DECIMAL_ONE <= (wide)collar.units * last.units)
        return;
    int r = decimal_multiply_divide(last, collar, HUNDRED, DECIMAL_FLOOR, &allowed);
    assert(r == 0); /* it is less than what lies between two prices */
    fault_add(&d->faults, REJECT_PRICE_COLLAR, "/price", fault_decimal(allowed).text,
              fault_decimal(decimal_from_units((int64_t)apart)).text,
              "The price %s is %s away from the last price %s of %s, over the %s that the collar of %s %% "
              "allows; move it "
              "towards the last price.",
              fault_decimal(d->order->price).text, fault_decimal(decimal_from_units((int64_t)apart)).text,
              fault_decimal(last).text, d->order->symbol, fault_decimal(allowed).text,
              fault_decimal(collar).text);
}

/* A trigger that the last price has passed already is no bound. */
static bool trades_at_market(const struct decision *d)
{
    int above = decimal_compare(d->order->price, d->market->last_price);

    return d->order->order_type == ORDER_TYPE_MARKET ||
           (d->order->order_type == ORDER_TYPE_STOP && (is_buy(d) ? above < 0 : above > 0));
}

/* What the order is expected to trade at. */
static struct decimal expected_price(const struct decision *d)
{
    return trades_at_market(d) ? d->market->last_price : d->order->price;
}

/* What trades at the market needs one; for the others it is the collar, or the margin of a short, that is
 * judged by an old price. */
static void check_price_age(struct decision *d)
{
    int64_t max_s = d->market->price_age_max_us / 1000000;
    int64_t age_s = (d->market->price_age_us + 999999) / 1000000;

    if (max_s == 0 || d->market->price_age_us <= d->market->price_age_max_us)
        return;
    if (trades_at_market(d))
        fault_add(&d->faults, REJECT_STALE_PRICE, "/symbol", fault_integer(max_s).text,
                  fault_integer(age_s).text,
                  "The last price %s of %s is %s s old, over the %s s that an order at the market allows; "
                  "wait for a new one or send a LIMIT.",
                  fault_decimal(d->market->last_price).text, d->order->symbol, fault_integer(age_s).text,
                  fault_integer(max_s).text);
    else
        fault_add(&d->warnings, REJECT_STALE_PRICE, "/symbol", fault_integer(max_s).text,
                  fault_integer(age_s).text,
                  "The order was judged by the last price %s of %s, which is %s s old (over %s s); look "
                  "whether its price still fits the market.",
                  fault_decimal(d->market->last_price).text, d->order->symbol, fault_integer(age_s).text,
                  fault_integer(max_s).text);
}

/* Whether `price` lies on the losing side of `entry`. */
static bool is_losing(const struct decision *d, struct decimal price, struct decimal entry)
{
    int order = decimal_compare(price, entry);

    return is_buy(d) ? order < 0 : order > 0;
}

/* Faults when `losing` does not lie on the losing side of `winning`; `price` is the one to blame, `other`
 * what it is measured by. */
static void check_side(struct decision *d, enum reject_code code, const char *what, struct decimal losing,
                       struct decimal winning, const char *measure)
{
    bool is_stop = code == REJECT_STOP_LOSS_SIDE;
    struct decimal price = is_stop ? losing : winning, other = is_stop ? winning : losing;

    if (is_losing(d, losing, winning))
        return;
    fault_add(&d->faults, code, is_stop ? "/stop_loss" : "/take_profit", fault_decimal(other).text,
              fault_decimal(price).text, "The %s %s of a %s must be %s %s %s; move it there or leave it out.",
              what, fault_decimal(price).text, side_text(d->order->side),
              is_buy(d) == is_stop ? "below" : "above", measure, fault_decimal(other).text);
}

/* Each leg on its side of every price at which the entry may be expected to trade: MARKET and a STOP at the
 * expected price; a LIMIT at its price, or at the last price where that is better. Without an entry's price
 * the two can only be compared with each other. */
static void check_bracket(struct decision *d, bool has_prices)
{
    static const char measure[] = "the price at which the entry is expected to trade,";
    const struct order_request *order = d->order;

    if (!has_prices) {
        if (order->has_stop_loss && order->has_take_profit)
            check_side(d, REJECT_STOP_LOSS_SIDE, "stop loss", order->stop_loss, order->take_profit,
                       "its take profit");
        return;
    }
    struct decimal price = expected_price(d), best = price;
    if (order->order_type == ORDER_TYPE_LIMIT && is_losing(d, d->market->last_price, price))
        best = d->market->last_price;
    if (order->has_stop_loss)
        check_side(d, REJECT_STOP_LOSS_SIDE, "stop loss", order->stop_loss, best, measure);
    if (order->has_take_profit)
        check_side(d, REJECT_TAKE_PROFIT_SIDE, "take profit", price, order->take_profit, measure);
}

/* With an order of this notional; held within what can be counted. */
static struct decimal add_to_day(struct decimal day, struct decimal notional)
{
    struct decimal sum, most = RISK_DAILY_NOTIONAL_MAX;

    return decimal_add(day, notional, &sum) == 0 && decimal_compare(sum, most) < 0 ? sum : most;
}

static void check_daily_notional(struct decision *d)
{
    struct decimal limit = d->account->limits.max_daily_notional, day = d->account->daily_notional;
    struct decimal sum = add_to_day(day, d->verdict->notional);

    if (decimal_is_zero(limit) || decimal_compare(sum, limit) <= 0)
        return;
    fault_add(
        &d->faults, REJECT_MAX_DAILY_NOTIONAL, "/quantity", fault_decimal(limit).text,
        fault_decimal(sum).text,
        "Today's orders come to %s; with this one, of %s, they would come to %s, over the limit %s of a "
        "day; send a smaller one or wait for the next trading day.",
        fault_decimal(day).text, fault_decimal(d->verdict->notional).text, fault_decimal(sum).text,
        fault_decimal(limit).text);
}

static void check_notional(struct decision *d)
{
    struct decimal limit = d->account->limits.max_order_notional, notional;
    struct decimal price = expected_price(d);

    if (decimal_multiply(d->order->quantity, price, DECIMAL_CEIL, &notional) < 0) {
        add_out_of_range(d, "Quantity times price");
        return;
    }
    d->verdict->notional = notional;
    if (decimal_compare(notional, limit) > 0)
        fault_add(&d->faults, REJECT_MAX_ORDER_NOTIONAL, "/quantity", fault_decimal(limit).text,
                  fault_decimal(notional).text,
                  "The order's value %s (%s at %s) is over the limit %s of an order; send a smaller one.",
                  fault_decimal(notional).text, fault_decimal(d->order->quantity).text,
                  fault_decimal(price).text, fault_decimal(limit).text);
    check_daily_notional(d);
}

/* price + collar, rounded up. */
static int add_market_collar(const struct decision *d, struct decimal price, struct decimal *ret_price)
{
    struct decimal factor = decimal_from_units(HUNDRED.units + d->market->market_collar_pct.units);

    return decimal_multiply_divide(price, factor, HUNDRED, DECIMAL_CEIL, ret_price);
}

/* What each unit of a BUY reserves. */
static int buy_price(const struct decision *d, struct decimal *ret_price)
{
    if (d->order->order_type != ORDER_TYPE_LIMIT)
        return add_market_collar(d, expected_price(d), ret_price);
    *ret_price = d->order->price;
    return 0;
}

/* What each unit sold short reserves: margin at the dearest price that is to be expected, less the proceeds.
 */
static int short_price(const struct decision *d, struct decimal *ret_price)
{
    struct decimal proceeds = expected_price(d), dearest = proceeds, margin;

    if (decimal_compare(dearest, d->market->last_price) < 0)
        dearest = d->market->last_price;
    int r = d->order->order_type == ORDER_TYPE_LIMIT ? 0 : add_market_collar(d, dearest, &dearest);
    if (r == 0)
        r = decimal_multiply_divide(dearest, d->account->limits.short_margin_pct, HUNDRED, DECIMAL_CEIL,
                                    &margin);
    return r < 0 ? r : decimal_sub(margin, proceeds, ret_price);
}

int risk_buying_power(const struct risk_account *account, struct decimal *ret_power)
{
    struct decimal power;
    int r = decimal_sub(account->cash, account->reserved, &power);

    return r < 0 ? r : decimal_sub(power, account->margin, ret_power);
}

static void check_buying_power(struct decision *d, struct decimal power)
{
    const struct risk_verdict *verdict = d->verdict;

    if (d->account->unpriced[0] != '\0')
        fault_add(&d->faults, REJECT_INSUFFICIENT_BUYING_POWER, "/quantity", NULL,
                  fault_decimal(verdict->cost).text,
                  "The order costs %s, but the margin of %s is not known while it has no price; only orders "
                  "that reduce a position pass until it has one.",
                  fault_decimal(verdict->cost).text, d->account->unpriced);
    else if (decimal_compare(verdict->cost, power) > 0)
        fault_add(&d->faults, REJECT_INSUFFICIENT_BUYING_POWER, "/quantity", fault_decimal(power).text,
                  fault_decimal(verdict->cost).text,
                  is_buy(d) ? "The order costs %s (%s at %s), the buying power is %s; send a smaller order, "
                              "cancel open orders or add cash."
                            : "Selling short takes %s of margin beyond the proceeds (%s at %s), the buying "
                              "power is %s; send a smaller order, cancel open orders or add cash.",
                  fault_decimal(verdict->cost).text, fault_decimal(verdict->reserve_quantity).text,
                  fault_decimal(verdict->reserve_price).text, fault_decimal(power).text);
}

static void reserve(struct decision *d)
{
    struct decimal price, cost, power;
    wide pays = d->order->quantity.units -
                (wide)unpromised(d, is_buy(d) ? d->position->reducing_buy : d->position->reducing_sell).units;

    if (pays <= 0 || (!is_buy(d) && !d->account->limits.short_selling))
        return;
    struct decimal quantity = decimal_from_units((int64_t)pays);
    if ((is_buy(d) ? buy_price(d, &price) : short_price(d, &price)) < 0 ||
        decimal_multiply(quantity, price, DECIMAL_CEIL, &cost) < 0 ||
        risk_buying_power(d->account, &power) < 0) {
        /* Notional has the same complaint when the order's own price is to blame. */
        if (!fault_has(d->faults.faults, d->faults.count, REJECT_OUT_OF_RANGE))
            add_out_of_range(d, "What the order would reserve");
        return;
    }
    d->verdict->reserve_quantity = quantity;
    d->verdict->reserve_price = price;
    d->verdict->reserved = d->verdict->cost = cost;
    check_buying_power(d, power);
}

/* Whether the rules about prices can be asked; says why not where nobody has yet. */
static bool has_prices(struct decision *d)
{
    const struct order_request *order = d->order;
    bool symbol_refused = fault_has(d->faults.faults, d->faults.count, REJECT_UNKNOWN_SYMBOL) ||
                          fault_has(d->faults.faults, d->faults.count, REJECT_SYMBOL_NOT_TRADABLE);

    if (!d->market->has_last_price && !symbol_refused)
        fault_add(&d->faults, REJECT_SYMBOL_NOT_TRADABLE, "/symbol", NULL, order->symbol,
                  "%s has no price yet, so the order's cost and distance from the market cannot be known; "
                  "try again when it "
                  "has one.",
                  order->symbol);
    bool price_missing = order->order_type != ORDER_TYPE_MARKET && !order->has_price;
    if (price_missing && !fault_has(d->faults.faults, d->faults.count, REJECT_PRICE_REQUIRED))
        fault_add(&d->faults, REJECT_PRICE_REQUIRED, "/price", NULL, NULL,
                  "A %s order needs a price; add it.", order_type_text(order->order_type));
    return d->market->has_last_price && !price_missing;
}

static void decide_entry(struct decision *d)
{
    check_account(d);
    check_currency(d);
    check_halts(d);
    check_quantity(d);
    bool priced = has_prices(d);
    check_bracket(d, priced);
    if (priced) {
        d->verdict->expected_price = expected_price(d);
        check_price_age(d);
        check_notional(d);
        check_collar(d);
        check_position_to_sell(d);
        check_position_limit(d);
        reserve(d);
    } else if (!fault_has(d->faults.faults, d->faults.count, REJECT_UNKNOWN_SYMBOL)) {
        check_position_to_sell(d);
        check_position_limit(d);
    }
    check_open_orders(d);
    check_daily_loss(d);
}

void risk_decide(const struct order_request *order, const struct fault *static_faults,
                 size_t static_fault_count, const struct risk_account *account,
                 const struct risk_position *position, const struct risk_market *market,
                 struct risk_verdict *ret_verdict)
{
    struct decision d = {.order = order,
                         .account = account,
                         .position = position,
                         .market = market,
                         .verdict = ret_verdict,
                         .faults = {.faults = ret_verdict->faults, .max = RISK_FAULTS_MAX},
                         .warnings = {.faults = ret_verdict->warnings, .max = RISK_WARNINGS_MAX}};

    assert(decimal_is_positive(order->quantity) && (!order->has_price || decimal_is_positive(order->price)));
    ret_verdict->expected_price = ret_verdict->notional = ret_verdict->cost = decimal_zero();
    ret_verdict->reserve_price = ret_verdict->reserve_quantity = ret_verdict->reserved = decimal_zero();
    if (static_fault_count > 0)
        memcpy(ret_verdict->faults, static_faults, static_fault_count * sizeof(*static_faults));
    d.faults.count = static_fault_count;
    decide_entry(&d);
    ret_verdict->fault_count = d.faults.count;
    ret_verdict->warning_count = d.warnings.count;
    if (ret_verdict->fault_count > 0)
        ret_verdict->reserve_price = ret_verdict->reserve_quantity = ret_verdict->reserved = decimal_zero();
}

void risk_apply(const struct order_request *order, const struct risk_verdict *verdict,
                struct risk_account *account, struct risk_position *position)
{
    struct decimal *open = order->side == SIDE_BUY ? &position->open_buy : &position->open_sell;

    assert(verdict->fault_count == 0);
    /* Neither can overflow: the reservation is within cash, the position within its limit. */
    int r = decimal_add(account->reserved, verdict->reserved, &account->reserved);
    assert(r == 0);
    r = decimal_add(*open, order->quantity, open);
    assert(r == 0);
    struct decimal *reducing = order->side == SIDE_BUY ? &position->reducing_buy : &position->reducing_sell;
    reducing->units += order->quantity.units - verdict->reserve_quantity.units; /* a part of *open */
    account->daily_notional = add_to_day(account->daily_notional, verdict->notional);
    account->open_orders++;
}
