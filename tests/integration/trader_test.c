/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl trader create: accounts that operations open, and who opened them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

Test(trader, one_that_was_created_trades_within_its_limits, .init = begin, .fini = end, .timeout = 120)
{
    int status = -1;

    AUTO_TEXT token = gateway_token(&gateway, "dave");
    AUTO_REPLY unknown = gateway_get(token, "/api/v1/account");
    cr_expect_str_eq(json_text(unknown.json, "code"), "ACCOUNT_UNKNOWN", "%s", unknown.body.data);
    AUTO_TEXT id = gateway_oxectl(
        "trader create dave --cash 2000.5 max_order_quantity=10 short_selling=on --actor olga", &status);
    cr_assert_eq(status, 0, "%s", id);
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");
    cr_expect_str_eq(json_text(account.json, "cash"), "2000.5", "%s", account.body.data);
    cr_expect_str_eq(json_text(account.json, "currency"), "USD");
    cr_expect_str_eq(json_text(account.json, "limits/max_order_quantity"), "10");
    cr_expect_str_eq(json_text(account.json, "limits/short_selling"), "true");
    cr_expect_str_eq(json_text(account.json, "limits/daily_loss"), "100000", "the default");
    AUTO_REPLY large =
        order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":11,\"order_type\":\"LIMIT\",\"price\":150}");
    cr_expect_str_eq(json_text(large.json, "code"), "MAX_ORDER_QUANTITY", "%s", large.body.data);
    AUTO_REPLY order =
        order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":150}");
    cr_expect_eq(order.status, 201, "%s", order.body.data);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT id FROM oxe.traders WHERE subject = 'dave'"), id);
    AUTO_TEXT history = gateway_oxectl("limits --history --json dave", &status);
    cr_expect(
        strstr(history,
               "\"actor\":\"olga\",\"role\":\"oxe_operations\",\"limit\":\"opening_cash\",\"before\":null,"
               "\"after\":\"2000.5\"") != NULL,
        "%s", history);
    cr_expect(strstr(history, "\"limit\":\"max_order_quantity\",\"before\":\"10000\",\"after\":\"10\"") !=
                  NULL,
              "%s", history);
}

Test(trader, what_cannot_be_an_account_is_refused, .init = begin, .fini = end, .timeout = 120)
{
    static const struct {
        const char *arguments;
        int status;
        const char *says;
    } cases[] = {
        {"", 64, "followed by create"},
        {"remove dave", 64, "followed by create"},
        {"create", 64, "SUBJECT is missing"},
        {"create ''", 64, "1 to 128 bytes"},
        {"create $(printf %0129d 0)", 64, "1 to 128 bytes"},
        {"create dave --cash -1", 64, "from 0"},
        {"create dave --cash much", 64, "from 0"},
        {"create dave --cash 10000000000", 64, "10 digits"},
        {"create dave --cash 0.000000001", 64, "8 after it"},
        {"create dave --currency usd", 64, "three capitals"},
        {"create dave --currency EURO", 64, "three capitals"},
        {"create dave --colour red", 64, "no option '--colour'"},
        {"create dave eve", 64, "LIMIT=VALUE"},
        {"create dave cash=1", 64, "no limit 'cash'"},
        {"create dave max_open_orders=0", 64, "whole number from 1"},
        {"create trader-0 --cash 1", 1, "'trader-0' already"},
        {"create trader-0 max_open_orders=3", 1, "'trader-0' already"},
    };
    int status = -1;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char arguments[256];
        (void)snprintf(arguments, sizeof(arguments), "trader %s", cases[i].arguments);
        AUTO_TEXT says = gateway_oxectl(arguments, &status);
        cr_expect_eq(status, cases[i].status, "%s: %d", arguments, status);
        cr_expect(strstr(says, cases[i].says) != NULL, "%s says: %s", arguments, says);
    }
    cr_expect_str_eq(
        world_value(&gateway.world, "SELECT count(*) FROM oxe.traders WHERE subject NOT LIKE 'trader-%%'"),
        "0");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT cash FROM oxe.traders WHERE subject = 'trader-0'"),
                     "1000000.00000000", "an account that is there stays as it is");
    cr_expect_str_eq(
        world_value(&gateway.world, "SELECT max_open_orders FROM oxe.traders WHERE subject = 'trader-0'"),
        "1000");
    AUTO_TEXT longest = gateway_oxectl("trader create $(printf %0128d 0)", &status);
    cr_expect_eq(status, 0, "%s", longest);
    gateway_set_database(&gateway, "oxe_risk");
    AUTO_TEXT other = gateway_oxectl("trader create dave", &status);
    cr_expect(status == 2 && strstr(other, "permission denied") != NULL, "%d: %s", status, other);
}
