/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl limits: shows and changes a trader's limits in the database, in force for the next order and seen by
 * the gateway at once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

static struct gateway_world gateway;

static void begin(void)
{
    gateway_begin(&gateway);
    gateway_set_database(&gateway, "oxe_operations");
}

static void end(void)
{
    gateway_end(&gateway);
}

static char *limits(const char *arguments, int *ret_status)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), "limits %s", arguments);
    return gateway_oxectl(line, ret_status);
}

static void change(const char *name_and_value)
{
    char arguments[256];
    int status = -1;

    (void)snprintf(arguments, sizeof(arguments), "--actor olga trader-0 %s", name_and_value);
    AUTO_TEXT says = limits(arguments, &status);
    cr_assert_eq(status, 0, "%s: %s", name_and_value, says);
}

#define ORDER(side, quantity, price)                                                                         \
    "{\"symbol\":\"AAPL\",\"side\":\"" side "\",\"order_type\":\"LIMIT\",\"quantity\":" quantity             \
    ",\"price\":" price "}"

/* The trader has 1,000,000 and 500 AAPL at 150. */
Test(limits, a_change_decides_the_next_order, .init = begin, .fini = end, .timeout = 120)
{
    static const struct {
        const char *tight, *wide, *order;
        long status;
        const char *code;
    } cases[] = {
        {"status=SUSPENDED", "status=ACTIVE", ORDER("BUY", "1", "150"), 403, "ACCOUNT_NOT_ACTIVE"},
        {"status=CLOSED", "status=ACTIVE", ORDER("BUY", "1", "150"), 403, "ACCOUNT_NOT_ACTIVE"},
        {"max_order_quantity=9.99999999", "max_order_quantity=10", ORDER("BUY", "10", "150"), 422,
         "MAX_ORDER_QUANTITY"},
        {"max_order_notional=1499.99999999", "max_order_notional=1500", ORDER("BUY", "10", "150"), 422,
         "MAX_ORDER_NOTIONAL"},
        {"price_collar_pct=0.99999999", "price_collar_pct=1", ORDER("BUY", "10", "148.5"), 422,
         "PRICE_COLLAR"},
        {"max_order_quantity=2000 max_order_notional=1000000 short_selling=off", "short_selling=on",
         ORDER("SELL", "501", "150"), 422, "INSUFFICIENT_POSITION"},
        {"max_position_quantity=530", "max_position_quantity=100000", ORDER("BUY", "1", "150"), 422,
         "MAX_POSITION"},
    };

    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        change(cases[i].tight);
        AUTO_REPLY refused = order_submit(token, cases[i].order);
        cr_expect_eq(refused.status, cases[i].status, "%s: %ld", cases[i].tight, refused.status);
        cr_expect_str_eq(json_text(refused.json, "code"), cases[i].code, "%s: %s", cases[i].tight,
                         refused.body.data);
        change(cases[i].wide);
        AUTO_REPLY accepted = order_submit(token, cases[i].order);
        cr_expect_eq(accepted.status, 201, "%s: %s", cases[i].wide, accepted.body.data);
    }
    /* Each row has left one order open. */
    change("max_open_orders=7");
    AUTO_REPLY eighth = order_submit(token, ORDER("BUY", "1", "150"));
    cr_expect_str_eq(json_text(eighth.json, "code"), "MAX_OPEN_ORDERS", "%s", eighth.body.data);
    /* A loss of 1,000: the price falls by 2. */
    change("max_open_orders=8 daily_loss=1000");
    world_sql(&gateway.world, "UPDATE oxe.last_prices SET price = 148 WHERE symbol = 'AAPL'");
    AUTO_REPLY lost = order_submit(token, ORDER("BUY", "1", "148"));
    cr_expect_str_eq(json_text(lost.json, "code"), "DAILY_LOSS_LIMIT", "%s", lost.body.data);
    change("daily_loss=1000.00000001");
    AUTO_REPLY allowed = order_submit(token, ORDER("BUY", "1", "148"));
    cr_expect_eq(allowed.status, 201, "%s", allowed.body.data);
}

static void expect_account(const char *token, const char *day_start_equity, const char *daily_loss)
{
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");

    cr_expect_str_eq(json_text(account.json, "day_start_equity"), day_start_equity, "%s", account.body.data);
    cr_expect_str_eq(json_text(account.json, "usage/daily_loss"), daily_loss, "%s", account.body.data);
}

static void set_price(const char *price)
{
    world_sql(&gateway.world, "UPDATE oxe.last_prices SET price = %s WHERE symbol = 'AAPL'", price);
}

/* 1,000,000 and 500 AAPL, which were at 150 when yesterday ended. */
Test(limits, a_new_day_begins_without_loss_before_anybody_trades, .init = begin, .fini = end, .timeout = 120)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");

    AUTO_REPLY first = order_submit(token, ORDER("BUY", "1", "150"));
    cr_assert_eq(first.status, 201, "%s", first.body.data);
    set_price("148");
    expect_account(token, "1075000", "1000");
    world_sql(&gateway.world,
              "DELETE FROM oxe.day_prices; UPDATE oxe.traders SET trading_day = trading_day - 3");
    expect_account(token, "1074000", "0");
    AUTO_REPLY begun = order_submit(other, ORDER("BUY", "1", "148"));
    cr_assert_eq(begun.status, 201, "%s", begun.body.data);
    set_price("147.5");
    expect_account(token, "1074000", "250");
    change("daily_loss=250");
    AUTO_REPLY lost = order_submit(token, ORDER("BUY", "1", "148"));
    cr_expect_str_eq(json_text(lost.json, "errors/0/code"), "DAILY_LOSS_LIMIT", "%s", lost.body.data);
    cr_expect_str_eq(json_text(lost.json, "errors/0/actual"), "250", "%s", lost.body.data);
    expect_account(token, "1074000", "250");
}

/* 500 AAPL closed yesterday at 150; the first price of today is 120. */
Test(limits, a_gap_overnight_counts_as_todays_loss, .init = begin, .fini = end, .timeout = 120)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");

    change("daily_loss=15000");
    world_sql(&gateway.world, "UPDATE oxe.traders SET trading_day = '2026-01-02', day_start_equity = 1;"
                              "INSERT INTO oxe.day_prices SELECT oxe.trading_day(clock_timestamp(), 'UTC', "
                              "'00:00'), symbol, price FROM oxe.last_prices");
    set_price("120");
    expect_account(token, "1075000", "15000");
    AUTO_REPLY lost = order_submit(token, ORDER("BUY", "1", "120"));
    cr_expect_str_eq(json_text(lost.json, "code"), "DAILY_LOSS_LIMIT", "%s", lost.body.data);
    cr_expect_str_eq(json_text(lost.json, "errors/0/actual"), "15000", "%s", lost.body.data);
    expect_account(token, "1075000", "15000");
}

static void expect_day(const char *token, const char *limit, const char *notional)
{
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");

    cr_expect_str_eq(json_text(account.json, "limits/max_daily_notional"), limit, "%s", account.body.data);
    cr_expect_str_eq(json_text(account.json, "usage/daily_notional"), notional, "%s", account.body.data);
}

static void expect_submitted(const char *token, const char *body, long status)
{
    AUTO_REPLY reply = order_submit(token, body);

    cr_expect_eq(reply.status, status, "%s: %s", body, reply.body.data);
    if (status != 201)
        cr_expect_str_eq(json_text(reply.json, "code"), "MAX_DAILY_NOTIONAL", "%s", reply.body.data);
}

/* What was admitted stays counted; what was refused, or only previewed, never was. */
Test(limits, a_days_orders_are_counted_until_the_next_day, .init = begin, .fini = end, .timeout = 120)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");

    expect_day(token, "0", "0");
    AUTO_REPLY first = order_submit(token, ORDER("BUY", "10", "150"));
    cr_assert_eq(first.status, 201, "%s", first.body.data);
    expect_day(token, "0", "1500");
    change("max_daily_notional=3000");
    expect_submitted(token, ORDER("BUY", "11", "150"), 422);
    AUTO_REPLY preview = instance_call(
        &(struct call){.path = "/api/v1/orders/preview", .token = token, .body = ORDER("BUY", "11", "150")});
    cr_expect_str_eq(json_text(preview.json, "errors/0/code"), "MAX_DAILY_NOTIONAL", "%s", preview.body.data);
    expect_day(token, "3000", "1500");
    char path[128];
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/cancel", json_text(first.json, "id"));
    AUTO_REPLY cancel = instance_call(&(struct call){.path = path, .method = "POST", .token = token});
    cr_expect_eq(cancel.status, 202, "%s", cancel.body.data);
    expect_submitted(token, ORDER("BUY", "10", "150"), 201);
    expect_day(token, "3000", "3000");
    expect_submitted(token, ORDER("SELL", "1", "150"), 422);
    expect_day(token, "3000", "3000");
    change("max_daily_notional=0");
    expect_submitted(token, ORDER("SELL", "1", "150"), 201);
    expect_day(token, "0", "3150");
    change("max_daily_notional=1500");
    expect_submitted(token, ORDER("SELL", "1", "150"), 422);
    world_sql(&gateway.world, "UPDATE oxe.traders SET trading_day = trading_day - 1");
    expect_day(token, "1500", "0");
    expect_submitted(token, ORDER("BUY", "11", "150"),
                     422); /* the roll of the day is kept, the order is not counted */
    expect_day(token, "1500", "0");
    expect_submitted(token, ORDER("BUY", "10", "150"), 201);
    expect_day(token, "1500", "1500");
}

Test(limits, they_are_shown_and_the_gateway_sees_them_at_once, .init = begin, .fini = end, .timeout = 120)
{
    char arguments[256], id[UUID_TEXT_MAX];
    int status = -1;

    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_REPLY before = gateway_get(token, "/api/v1/account");
    cr_expect_str_eq(json_text(before.json, "limits/orders_per_minute"), "100");
    uuid_format(world_trader(0), id);
    (void)snprintf(arguments, sizeof(arguments),
                   "%s daily_loss=12.5 orders_per_minute=0 short_selling=on --actor olga", id);
    AUTO_TEXT by_id = limits(arguments, &status);
    cr_expect_eq(status, 0, "%s", by_id);
    cr_expect(strstr(by_id, "daily_loss") != NULL && strstr(by_id, "12.5\n") != NULL, "%s", by_id);
    AUTO_REPLY after = gateway_get(token, "/api/v1/account");
    cr_expect_str_eq(json_text(after.json, "limits/orders_per_minute"), "0");
    cr_expect_str_eq(json_text(after.json, "limits/daily_loss"), "12.5");
    cr_expect_str_eq(json_text(after.json, "limits/short_selling"), "true");
    AUTO_TEXT json = limits("--json trader-0", &status);
    cr_expect(strstr(json, "{\"limit\" : \"daily_loss\", \"value\" : \"12.5\"}") != NULL, "%s", json);
    AUTO_TEXT other = limits("--json trader-1", &status);
    cr_expect(strstr(other, "{\"limit\" : \"daily_loss\", \"value\" : \"100000\"}") != NULL, "%s", other);
    AUTO_TEXT history = limits("--history trader-0", &status);
    cr_expect(strstr(history, "olga") != NULL && strstr(history, "oxe_operations") != NULL &&
                  strstr(history, " 100000 ") != NULL && strstr(history, " 12.5\n") != NULL &&
                  strstr(history, " false      true\n") != NULL && strstr(history, "Z  olga") != NULL,
              "%s", history);
    AUTO_TEXT none = limits("--history --json trader-1", &status);
    cr_expect(strstr(none, "\"limit\":\"daily_loss\",\"before\":null,") != NULL, "its opening: %s", none);
    cr_expect_null(strstr(none, "\"before\":\""), "and no change: %s", none);
}

Test(limits, what_cannot_be_a_limit_is_refused_with_its_bounds, .init = begin, .fini = end, .timeout = 120)
{
    static const struct {
        const char *arguments;
        int status;
        const char *says;
    } cases[] = {
        {"", 64, "TRADER is missing"},
        {"nobody", 1, "no trader has the subject or the id 'nobody'"},
        {"nobody daily_loss=1", 1, "no trader"},
        {"trader-0 daily_los=1", 64, "no limit 'daily_los'"},
        {"trader-0 cash=1", 64, "no limit 'cash'"},
        {"trader-0 daily_loss", 64, "LIMIT=VALUE"},
        {"trader-0 daily_loss=0", 64, "above 0"},
        {"trader-0 daily_loss=-1", 64, "above 0"},
        {"trader-0 daily_loss=NaN", 64, "above 0"},
        {"trader-0 daily_loss=0.000000001", 64, "8 after it"},
        {"trader-0 max_position_quantity=10000000000", 64, "10 digits"},
        {"trader-0 max_daily_notional=-0.00000001", 64, "or 0 for none"},
        {"trader-0 max_daily_notional=10000000000", 64, "10 digits"},
        {"trader-0 max_daily_notional=0.00000001", 0, "0.00000001\n"},
        {"trader-0 max_daily_notional=0", 0, "max_daily_notional           0\n"},
        {"trader-0 max_open_orders=0", 64, "whole number from 1"},
        {"trader-0 max_open_orders=1.5", 64, "whole number"},
        {"trader-0 max_open_orders=1000000001", 64, "to 1000000000"},
        {"trader-0 orders_per_minute=-1", 64, "whole number from 0"},
        {"trader-0 orders_per_minute=", 64, "whole number"},
        {"trader-0 short_selling=yes", 64, "on or off"},
        {"trader-0 short_margin_pct=99.99999999", 64, "100 to 1000"},
        {"trader-0 short_margin_pct=1000.00000001", 64, "100 to 1000"},
        {"trader-0 short_margin_pct=100", 0, "100\n"},
        {"trader-0 status=active", 64, "ACTIVE, SUSPENDED or CLOSED"},
        {"trader-0 daily_loss=1 daily_loss=2", 64, "named twice"},
        {"trader-0 daily_loss=1 max_open_orders=0", 64, "whole number"},
        {"--history trader-0 daily_loss=1", 64, "only shows"},
        {"trader-0 max_position_quantity=9999999999.99999999 max_open_orders=1000000000", 0,
         "9999999999.99999999"},
    };
    int status = -1;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_TEXT says = limits(cases[i].arguments, &status);
        cr_expect_eq(status, cases[i].status, "%s: %d", cases[i].arguments, status);
        cr_expect(strstr(says, cases[i].says) != NULL, "%s says: %s", cases[i].arguments, says);
    }
    AUTO_TEXT history = limits("--history --json trader-0", &status);
    cr_expect_null(strstr(history, "\"limit\":\"daily_loss\",\"before\":\""),
                   "a refused change changes nothing: %s", history);
    gateway_set_database(&gateway, "oxe_trader");
    AUTO_TEXT says = limits("trader-0 daily_loss=1", &status);
    cr_expect_eq(status, 2, "another role may not: %s", says);
    cr_expect(strstr(says, "permission denied") != NULL, "%s", says);
}
