/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, why, and what remains of it: 422 with every broken rule and its numbers, a REJECTED order,
 * and its trail. QUIET is an instrument that no exchange moves, so that the numbers are exact. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/instance.h"

enum { TRAIL_MS = 5000, UNKNOWN_MS = 300 };

static void make_quiet(void)
{
    AUTO_TEXT made =
        instance_sql("INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) "
                     "VALUES ('QUIET', 'Quiet plc', 0.05, 10) ON CONFLICT DO NOTHING RETURNING symbol");
    AUTO_TEXT priced = instance_sql("INSERT INTO oxe.last_prices VALUES ('QUIET', 100, now() + interval '1 "
                                    "hour') ON CONFLICT DO NOTHING");

    /* A validator that looked just before takes it for unknown, for 250 ms. */
    if (strstr(made, "QUIET") != NULL)
        (void)poll(NULL, 0, UNKNOWN_MS);
}

TestSuite(refusals, .timeout = 120, .init = make_quiet);

#define LIMIT(side, quantity, price)                                                                         \
    "{\"symbol\":\"QUIET\",\"side\":\"" side "\",\"order_type\":\"LIMIT\",\"quantity\":" quantity            \
    ",\"price\":" price "}"

/* The document's fields that every problem has, and its code. */
static void expect_problem(const struct reply *reply, long status, const char *code)
{
    char type[96] = "/problems/";

    cr_assert_eq(reply->status, status, "%s: %ld %s", code, reply->status, reply->body.data);
    cr_assert_str_eq(reply_header(reply, "Content-Type"), "application/problem+json");
    cr_assert_str_eq(json_text(reply->json, "code"), code);
    cr_assert_eq(atol(json_text(reply->json, "status")), status);
    for (const char *c = code; *c != '\0'; c++)
        (void)snprintf(type + strlen(type), 2, "%c", *c == '_' ? '-' : *c | 0x20);
    cr_assert_str_eq(json_text(reply->json, "type"), type);
    cr_assert_str_not_empty(json_text(reply->json, "title"));
    cr_assert_str_not_empty(json_text(reply->json, "detail"));
    cr_assert_str_not_empty(json_text(reply->json, "request_id"));
}

/* It is recorded as REJECTED with the reason, and its trail says so. */
static void expect_recorded(const char *token, const struct reply *reply, const char *reason)
{
    const char *id = json_text(reply->json, "order_id");

    cr_assert_eq(strlen(id), 36, "order_id: %s", reply->body.data);
    AUTO_REPLY order = order_get(token, id);
    const char *said = order.body.data;
    cr_assert_eq(order.status, 200, "%s", said);
    cr_assert_str_eq(json_text(order.json, "status"), "REJECTED", "%s", said);
    cr_assert_str_eq(json_text(order.json, "execution_state"), "DONE", "%s", said);
    cr_assert_str_eq(json_text(order.json, "reason"), reason, "%s", said);
    cr_assert_str_eq(json_text(order.json, "attempts"), "0", "%s", said);
    AUTO_REPLY trail = order_trail(token, id, 2, TRAIL_MS);
    said = trail.body.data;
    cr_assert_eq(json_count(trail.json, "entries"), 2, "%s", said);
    cr_assert_str_eq(json_text(trail.json, "entries/0/action"), "SUBMITTED", "%s", said);
    cr_assert_str_eq(json_text(trail.json, "entries/1/action"), "REJECTED", "%s", said);
    cr_assert_str_eq(json_text(trail.json, "entries/1/reason"), reason, "%s", said);
    cr_assert_str_not_empty(json_text(trail.json, "entries/1/message"), "%s", said);
}

static const struct refusal {
    const char *name;
    const char *cash, *limits, *held; /* of the trader; held: of QUIET */
    const char *body;
    const char *code, *field, *limit, *actual;
} refusals[] = {
    {"buying-power", "10000", NULL, "0", LIMIT("BUY", "110", "100"), "INSUFFICIENT_BUYING_POWER", "/quantity",
     "10000", "11000"},
    {"by-a-cent", "999.99", NULL, "0", LIMIT("BUY", "10", "100"), "INSUFFICIENT_BUYING_POWER", "/quantity",
     "999.99", "1000"},
    {"market-collar", "1049", NULL, "0", "{\"symbol\":\"QUIET\",\"quantity\":10,\"order_type\":\"MARKET\"}",
     "INSUFFICIENT_BUYING_POWER", "/quantity", "1049", "1050"},
    {"to-sell", "0", NULL, "50", LIMIT("SELL", "60", "100"), "INSUFFICIENT_POSITION", "/quantity", "50",
     "60"},
    {"max-position", "1000000", "max_position_quantity = 500", "50", LIMIT("BUY", "460", "100"),
     "MAX_POSITION", "/quantity", "500", "510"},
    {"order-quantity", "1000000", "max_order_quantity = 100", "0", LIMIT("BUY", "110", "100"),
     "MAX_ORDER_QUANTITY", "/quantity", "100", "110"},
    {"order-notional", "1000000", "max_order_notional = 5000", "0", LIMIT("BUY", "60", "100"),
     "MAX_ORDER_NOTIONAL", "/quantity", "5000", "6000"},
    {"collar-below", "1000000", NULL, "0", LIMIT("BUY", "10", "89.95"), "PRICE_COLLAR", "/price", "10",
     "10.05"},
    {"collar-above", "0", NULL, "10", LIMIT("SELL", "10", "110.05"), "PRICE_COLLAR", "/price", "10", "10.05"},
    {"tick", "1000000", NULL, "0", LIMIT("BUY", "10", "99.99"), "TICK_SIZE", "/price", "0.05", "99.99"},
    {"lot", "1000000", NULL, "0", LIMIT("BUY", "15", "100"), "LOT_SIZE", "/quantity", "10", "15"},
    {"unknown", "1000000", NULL, "0", "{\"symbol\":\"NOSUCH\",\"quantity\":10,\"order_type\":\"MARKET\"}",
     "UNKNOWN_SYMBOL", "/symbol", "", "NOSUCH"},
    {"delisted", "1000000", NULL, "0", "{\"symbol\":\"DELISTED\",\"quantity\":10,\"order_type\":\"MARKET\"}",
     "SYMBOL_NOT_TRADABLE", "/symbol", "", "DELISTED"},
    {"stop-loss", "1000000", NULL, "0",
     "{\"symbol\":\"QUIET\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":100,\"stop_loss\":101}",
     "STOP_LOSS_SIDE", "/stop_loss", "100", "101"},
    {"take-profit", "1000000", NULL, "0",
     "{\"symbol\":\"QUIET\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":100,\"take_profit\":99.95}",
     "TAKE_PROFIT_SIDE", "/take_profit", "100", "99.95"},
    {"daily-loss", "100000",
     "daily_loss = 1000, day_start_equity = 101000, trading_day = oxe.trading_day(now(), 'America/New_York', "
     "'00:00')",
     "0", LIMIT("BUY", "10", "100"), "DAILY_LOSS_LIMIT", "", "1000", "1000"},
};

Test(refusals, each_rule_is_named_with_its_numbers_and_the_refusal_is_recorded)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *refusal = &refusals[i];
        char subject[64];
        (void)snprintf(subject, sizeof(subject), "refused-%s", refusal->name);
        AUTO_TEXT token = instance_trader(subject, refusal->cash, refusal->limits);
        if (strcmp(refusal->held, "0") != 0)
            instance_position(subject, "QUIET", refusal->held);
        AUTO_REPLY reply = order_submit(token, refusal->body);
        expect_problem(&reply, 422, refusal->code);
        cr_assert_eq(json_count(reply.json, "errors"), 1, "%s: %s", refusal->name, reply.body.data);
        cr_assert_str_eq(json_text(reply.json, "errors/0/code"), refusal->code);
        cr_assert_str_eq(json_text(reply.json, "errors/0/field"), refusal->field);
        cr_assert_str_eq(json_text(reply.json, "errors/0/limit"), refusal->limit);
        cr_assert_str_eq(json_text(reply.json, "errors/0/actual"), refusal->actual);
        cr_assert(strstr(json_text(reply.json, "detail"), refusal->actual) != NULL,
                  "the sentence has the number: %s", reply.body.data);
        expect_recorded(token, &reply, refusal->code);
        AUTO_REPLY account = instance_call(&(struct call){.path = "/api/v1/account", .token = token});
        cr_assert_str_eq(json_text(account.json, "reserved"), "0");
        cr_assert_str_eq(json_text(account.json, "cash"), refusal->cash);
        cr_assert_str_eq(json_text(account.json, "usage/open_orders"), "0");
    }
}

/* QUIET is not traded at the exchange, so what passes admission is of AAPL. */
Test(refusals, an_order_reaches_a_limit_exactly)
{
    AUTO_TEXT token = instance_trader("exactly", "1400",
                                      "max_order_quantity = 10, max_position_quantity = 10, "
                                      "max_order_notional = 1400, max_open_orders = 1");
    AUTO_REPLY made = order_submit(
        token, "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":140.00}");

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    AUTO_REPLY open = order_await(token, json_text(made.json, "id"), "WORKING", TRAIL_MS);
    AUTO_REPLY next = order_submit(token, LIMIT("BUY", "10", "100"));
    cr_assert_eq(next.status, 422);
    AUTO_REPLY account = instance_call(&(struct call){.path = "/api/v1/account", .token = token});
    cr_assert_str_eq(json_text(account.json, "buying_power"), "0");
}

Test(refusals, open_orders_count_against_their_limit)
{
    AUTO_TEXT token = instance_trader("open-orders", "100000", "max_open_orders = 1");
    AUTO_REPLY made = order_submit(
        token, "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":140.00}");

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    AUTO_REPLY open = order_await(token, json_text(made.json, "id"), "WORKING", TRAIL_MS);
    AUTO_REPLY refused = order_submit(token, LIMIT("BUY", "10", "100"));
    expect_problem(&refused, 422, "MAX_OPEN_ORDERS");
    cr_assert_str_eq(json_text(refused.json, "errors/0/limit"), "1");
    cr_assert_str_eq(json_text(refused.json, "errors/0/actual"), "2");
    expect_recorded(token, &refused, "MAX_OPEN_ORDERS");
}

Test(refusals, every_fault_is_reported_at_once)
{
    static const char *const codes[] = {
        "LOT_SIZE",     "TICK_SIZE",          "STOP_LOSS_SIDE", "MAX_ORDER_QUANTITY",
        "PRICE_COLLAR", "MAX_ORDER_NOTIONAL", "MAX_POSITION",   "INSUFFICIENT_BUYING_POWER"};
    AUTO_TEXT token = instance_trader("every-fault", "1000",
                                      "max_order_quantity = 100, max_position_quantity = 100, "
                                      "max_order_notional = 5000");
    AUTO_REPLY reply = order_submit(token, "{\"symbol\":\"QUIET\",\"quantity\":215,\"order_type\":\"LIMIT\","
                                           "\"price\":50.02,\"stop_loss\":60}");

    expect_problem(&reply, 422, "VALIDATION_FAILED");
    cr_assert_eq(json_count(reply.json, "errors"), ARRAY_LEN(codes), "%s", reply.body.data);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        char needle[64];
        (void)snprintf(needle, sizeof(needle), "\"code\":\"%s\"", codes[i]);
        cr_assert(strstr(reply.body.data, needle) != NULL, "%s is missing: %s", codes[i], reply.body.data);
    }
    expect_recorded(token, &reply, json_text(reply.json, "errors/0/code"));
}

Test(refusals, several_risk_rules_together_are_risk_rejected)
{
    AUTO_TEXT token = instance_trader("risk-rules", "1000", "max_order_quantity = 100");
    AUTO_REPLY reply = order_submit(token, LIMIT("BUY", "110", "100"));

    expect_problem(&reply, 422, "RISK_REJECTED");
    cr_assert_eq(json_count(reply.json, "errors"), 2, "%s", reply.body.data);
}

Test(refusals, an_account_that_is_not_active_may_read_but_not_trade)
{
    AUTO_TEXT token = instance_trader("suspended", "100000", "status = 'SUSPENDED'");
    AUTO_REPLY reply = order_submit(token, LIMIT("BUY", "10", "100"));

    expect_problem(&reply, 403, "ACCOUNT_NOT_ACTIVE");
    expect_recorded(token, &reply, "ACCOUNT_NOT_ACTIVE");
}

Test(refusals, a_halted_trader_is_refused_until_the_halt_is_gone)
{
    AUTO_TEXT token = instance_trader("halted", "100000", NULL);
    AUTO_TEXT halt =
        instance_sql("INSERT INTO oxe.halts (id, scope, trader_id, reason, created_by, created_at) "
                     "SELECT gen_random_uuid(), 'TRADER', id, 'margin call', 'olga', now() FROM "
                     "oxe.traders WHERE subject = 'halted'");
    AUTO_REPLY reply = order_submit(token, LIMIT("BUY", "10", "100"));

    expect_problem(&reply, 422, "TRADING_HALTED");
    cr_assert(strstr(json_text(reply.json, "detail"), "margin call") != NULL, "%s", reply.body.data);
    expect_recorded(token, &reply, "TRADING_HALTED");
    AUTO_TEXT lifted = instance_sql("DELETE FROM oxe.halts");
    AUTO_REPLY after = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_assert_eq(after.status, 201, "%s", after.body.data);
}

Test(refusals, what_the_database_holds_afterwards_adds_up)
{
    instance_check_invariants();
}
