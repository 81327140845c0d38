/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of risk decisions as texts. */
#ifndef OXE_TESTS_UNIT_RISK_SUPPORT_H
#define OXE_TESTS_UNIT_RISK_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/risk.h"

static inline struct decimal parse(const char *text)
{
    struct decimal value = decimal_zero();

    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0, "'%s'", text);
    return value;
}

/* Texts are decimals; NULL takes what the ordinary trader has: cash 1,000,000, limits far away, nothing held.
 */
struct risk_case {
    const char *name;
    const char *order;  /* "BUY LIMIT 10 150": the price only where there is one */
    const char *faults; /* "CODE limit actual; …" */
    const char *reserved;
    const char *cash, *already_reserved, *loss;
    const char *held, *open_buy, *open_sell;
    const char *last; /* "none": no last price; NULL: 100 */
    const char *daily_loss, *max_position, *max_quantity, *max_notional, *collar;
    const char *max_daily, *daily;        /* notional of the day; NULL: 0 */
    int64_t open_orders, max_open_orders; /* 0: 1000 */
    bool short_selling;
    bool open_has_paid;              /* what is open is legs, or reserves: else it reduces what is held */
    const char *margin, *margin_pct; /* NULL: 0, 150 */
    const char *unpriced, *currency, *instrument_currency; /* NULL: USD */
    enum account_status status;                            /* 0: ACTIVE */
    const struct risk_halt *halt_all, *halt_trader, *halt_symbol;
};

static inline struct decimal or_else(const char *text, const char *ordinary)
{
    return parse(text != NULL ? text : ordinary);
}

static inline struct order_request parse_order(const char *text)
{
    struct order_request order = {.symbol = "AAPL", .time_in_force = TIME_IN_FORCE_DAY};
    char side[8], type[8], quantity[24], price[24];
    int count = sscanf(text, "%7s %7s %23s %23s", side, type, quantity, price);

    cr_assert_geq(count, 3, "%s", text);
    cr_assert_eq(side_parse(side, strlen(side), &order.side), 0);
    cr_assert_eq(order_type_parse(type, strlen(type), &order.order_type), 0);
    order.quantity = parse(quantity);
    order.has_price = count == 4;
    order.price = count == 4 ? parse(price) : decimal_zero();
    return order;
}

static inline struct risk_account make_account(const struct risk_case *c)
{
    struct risk_account account = {
        .status = c->status != 0 ? c->status : ACCOUNT_ACTIVE,
        .cash = or_else(c->cash, "1000000"),
        .reserved = or_else(c->already_reserved, "0"),
        .margin = or_else(c->margin, "0"),
        .loss = or_else(c->loss, "0"),
        .daily_notional = or_else(c->daily, "0"),
        .open_orders = c->open_orders,
        .limits = {.daily_loss = or_else(c->daily_loss, "5000"),
                   .max_position_quantity = or_else(c->max_position, "90000000000"),
                   .max_order_quantity = or_else(c->max_quantity, "90000000000"),
                   .max_order_notional = or_else(c->max_notional, "90000000000"),
                   .max_daily_notional = or_else(c->max_daily, "0"),
                   .price_collar_pct = or_else(c->collar, "1000"),
                   .max_open_orders = c->max_open_orders != 0 ? c->max_open_orders : 1000,
                   .short_selling = c->short_selling,
                   .short_margin_pct = or_else(c->margin_pct, "150")}};

    (void)snprintf(account.unpriced, sizeof(account.unpriced), "%s", c->unpriced == NULL ? "" : c->unpriced);
    (void)snprintf(account.currency, sizeof(account.currency), "%s",
                   c->currency == NULL ? "USD" : c->currency);
    return account;
}

static inline struct risk_market make_market(const struct risk_case *c)
{
    bool has_price = c->last == NULL || strcmp(c->last, "none") != 0;

    struct risk_market market = {.has_last_price = has_price,
                                 .last_price = has_price ? or_else(c->last, "100") : decimal_zero(),
                                 .market_collar_pct = parse("5"),
                                 .halt_all = c->halt_all,
                                 .halt_trader = c->halt_trader,
                                 .halt_symbol = c->halt_symbol};

    (void)snprintf(market.currency, sizeof(market.currency), "%s",
                   c->instrument_currency == NULL ? "USD" : c->instrument_currency);
    return market;
}

/* "CODE limit actual; …" */
static inline void append_faults(const struct risk_verdict *verdict, const char *name, struct buffer *out)
{
    buffer_append_text(out, "");
    for (size_t i = 0; i < verdict->fault_count; i++) {
        const struct fault *fault = &verdict->faults[i];
        buffer_append_format(out, "%s%s %s %s", i > 0 ? "; " : "", reject_text((enum reject_code)fault->code),
                             fault->limit[0] != '\0' ? fault->limit : "-",
                             fault->actual[0] != '\0' ? fault->actual : "-");
        cr_expect_gt(strlen(fault->message), 20, "%s: the sentence is missing", name);
    }
}

static inline struct decimal smaller(struct decimal a, struct decimal b)
{
    return decimal_compare(a, b) < 0 ? a : b;
}

static inline struct risk_position make_position(const struct risk_case *c)
{
    struct risk_position position = {.quantity = or_else(c->held, "0"),
                                     .open_buy = or_else(c->open_buy, "0"),
                                     .open_sell = or_else(c->open_sell, "0")};

    struct decimal is_short = decimal_zero();
    if (!c->open_has_paid &&
        decimal_is_negative(position.quantity)) /* of the largest short there is no negation */
        position.reducing_buy = decimal_negate(position.quantity, &is_short) == 0
                                    ? smaller(position.open_buy, is_short)
                                    : position.open_buy;
    if (!c->open_has_paid && decimal_is_positive(position.quantity))
        position.reducing_sell = smaller(position.open_sell, position.quantity);
    return position;
}

static inline void check_case(const struct risk_case *c)
{
    static struct risk_verdict verdict;
    CLEANUP(buffer_release) struct buffer found = BUFFER_INIT(0);
    struct order_request order = parse_order(c->order);
    struct risk_account account = make_account(c);
    struct risk_position position = make_position(c);
    struct risk_market market = make_market(c);

    risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
    append_faults(&verdict, c->name, &found);
    cr_expect_str_eq(found.data, c->faults, "%s: [%s], not [%s]", c->name, found.data, c->faults);
    struct decimal reserved = or_else(c->reserved, "0");
    cr_expect_eq(verdict.reserved.units, reserved.units, "%s: reserves %s", c->name,
                 fault_decimal(verdict.reserved).text);
}

#define CHECK(all)                                                                                           \
    for (size_t i = 0; i < ARRAY_LEN(all); i++)                                                              \
    check_case(&(all)[i])

#endif
