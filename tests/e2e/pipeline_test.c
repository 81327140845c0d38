/* SPDX-License-Identifier: Apache-2.0 */
/* Orders from HTTP to their end: status, fills, money, position, trail. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/decimal.h"
#include "tests/support/instance.h"

/* The plan's bound on POST to FILLED. */
enum { FILL_MS = 2000, SETTLE_MS = 5000 };

TestSuite(pipeline, .timeout = 120);

static struct decimal number(yajl_val value, const char *path)
{
    const char *text = json_text(value, path);
    struct decimal result;

    cr_assert(decimal_parse(text, strlen(text), &result) == 0, "%s is '%s'", path, text);
    return result;
}

static void equal(struct decimal actual, struct decimal expected, const char *what)
{
    char actual_text[DECIMAL_TEXT_MAX], expected_text[DECIMAL_TEXT_MAX];

    decimal_format(actual, actual_text);
    decimal_format(expected, expected_text);
    cr_assert_str_eq(actual_text, expected_text, "%s is %s, expected %s", what, actual_text, expected_text);
}

static struct decimal amount(const char *text)
{
    struct decimal value;

    cr_assert(decimal_parse(text, strlen(text), &value) == 0);
    return value;
}

static struct reply account_get(const char *token)
{
    return instance_call(&(struct call){.path = "/api/v1/account", .token = token});
}

/* Submits, expects 201, and copies the order's id. */
static void submit(const char *token, const char *body, char ret_id[static 37])
{
    AUTO_REPLY reply = order_submit(token, body);

    cr_assert_eq(reply.status, 201, "%s: %ld %s", body, reply.status, reply.body.data);
    (void)snprintf(ret_id, 37, "%s", json_text(reply.json, "id"));
}

/* What the order's fills sum up to; checks each of them and what the order says of them. */
static void sum_fills(yajl_val order, struct decimal *ret_quantity, struct decimal *ret_notional)
{
    struct decimal quantity = decimal_zero(), notional = decimal_zero(), average, product;
    char path[64];

    for (size_t i = 0; i < json_count(order, "fills"); i++) {
        (void)snprintf(path, sizeof(path), "fills/%zu/order_id", i);
        cr_assert_str_eq(json_text(order, path), json_text(order, "id"));
        (void)snprintf(path, sizeof(path), "fills/%zu/venue_exec_id", i);
        cr_assert_str_not_empty(json_text(order, path));
        (void)snprintf(path, sizeof(path), "fills/%zu/quantity_filled", i);
        struct decimal filled = number(order, path);
        (void)snprintf(path, sizeof(path), "fills/%zu/price_at_fill", i);
        cr_assert(decimal_multiply(filled, number(order, path), DECIMAL_HALF_EVEN, &product) == 0);
        cr_assert(decimal_add(quantity, filled, &quantity) == 0);
        cr_assert(decimal_add(notional, product, &notional) == 0);
    }
    equal(number(order, "filled_quantity"), quantity, "filled_quantity");
    cr_assert(decimal_divide(notional, quantity, DECIMAL_HALF_EVEN, &average) == 0);
    equal(number(order, "average_price"), average, "average_price");
    *ret_quantity = quantity;
    *ret_notional = notional;
}

/* The actions of a trail in their order, each followed by a blank; checks what every entry has. */
static void read_trail(const char *token, const char *order_id, size_t entries, char ret_actions[static 256])
{
    AUTO_REPLY trail = order_trail(token, order_id, entries, SETTLE_MS);
    long long last_log = 0, last_trader = 0;

    ret_actions[0] = '\0';
    cr_assert_str_eq(json_text(trail.json, "order_id"), order_id);
    for (size_t i = 0; i < json_count(trail.json, "entries"); i++) {
        yajl_val entry =
            yajl_tree_get(trail.json, (const char *[]){"entries", NULL}, yajl_t_array)->u.array.values[i];
        long long log_seq = atoll(json_text(entry, "log_seq")), seq = atoll(json_text(entry, "trader_seq"));
        cr_assert(log_seq > last_log, "log_seq %lld after %lld", log_seq, last_log);
        cr_assert(last_trader == 0 || seq == last_trader + 1, "trader_seq %lld after %lld", seq, last_trader);
        cr_assert_str_eq(json_text(entry, "order_id"), order_id);
        cr_assert_eq(strlen(json_text(entry, "hash")), 64);
        cr_assert_str_not_empty(json_text(entry, "actor"));
        last_log = log_seq;
        last_trader = seq;
        if (trail_is_acknowledged(entry))
            continue;
        size_t used = strlen(ret_actions);
        (void)snprintf(ret_actions + used, 256 - used, "%s ", json_text(entry, "action"));
    }
}

static void expect_trail(const char *token, const char *order_id, size_t entries, const char *expected)
{
    char actions[256];

    read_trail(token, order_id, entries, actions);
    cr_assert_str_eq(actions, expected);
}

Test(pipeline, a_market_order_is_durable_at_201_and_filled_within_two_seconds)
{
    AUTO_TEXT token = instance_trader("market", "1000000", NULL);
    struct decimal quantity, notional, cash;

    AUTO_REPLY made = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":100,\"order_type\":\"MARKET\"}");
    cr_assert_eq(made.status, 201, "%ld %s", made.status, made.body.data);
    const char *id = json_text(made.json, "id");
    char location[128];
    (void)snprintf(location, sizeof(location), "/api/v1/orders/%s", id);
    cr_assert_str_eq(reply_header(&made, "Location"), location);
    cr_assert_str_eq(reply_header(&made, "Content-Type"), "application/json");
    cr_assert_str_eq(reply_header(&made, "Idempotency-Key"), json_text(made.json, "idempotent_key"));
    cr_assert_str_not_empty(reply_header(&made, "Server-Timing"));
    cr_assert_str_eq(json_text(made.json, "status"), "PENDING");
    cr_assert_str_eq(json_text(made.json, "execution_state"), "ADMITTED");
    cr_assert_str_eq(json_text(made.json, "side"), "BUY", "BUY is the default");
    cr_assert_str_eq(json_text(made.json, "time_in_force"), "DAY", "DAY is the default");

    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    cr_assert_str_eq(json_text(order.json, "attempts"), "1");
    sum_fills(order.json, &quantity, &notional);
    equal(quantity, amount("100"), "quantity");
    expect_trail(token, id, 4, "SUBMITTED APPROVED EXECUTED FILLED ");

    AUTO_REPLY account = account_get(token);
    cr_assert(decimal_sub(amount("1000000"), notional, &cash) == 0);
    equal(number(account.json, "cash"), cash, "cash");
    equal(number(account.json, "buying_power"), cash, "buying_power");
    cr_assert_str_eq(json_text(account.json, "reserved"), "0");
    cr_assert_str_eq(json_text(account.json, "usage/open_orders"), "0");
    AUTO_REPLY positions = instance_call(&(struct call){.path = "/api/v1/positions", .token = token});
    cr_assert_eq(json_count(positions.json, "positions"), 1);
    cr_assert_str_eq(json_text(positions.json, "positions/0/symbol"), "AAPL");
    cr_assert_str_eq(json_text(positions.json, "positions/0/quantity"), "100");
    equal(number(positions.json, "positions/0/average_cost"), number(order.json, "average_price"),
          "average_cost");
}

Test(pipeline, an_order_larger_than_the_best_quote_fills_in_parts)
{
    AUTO_TEXT token = instance_trader("parts", "1000000", NULL);
    struct decimal quantity, notional;
    char id[37];

    submit(token, "{\"symbol\":\"NVDA\",\"quantity\":\"2500\",\"order_type\":\"MARKET\"}", id);
    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    cr_assert_eq(json_count(order.json, "fills"), 3, "%s", order.body.data);
    sum_fills(order.json, &quantity, &notional);
    equal(quantity, amount("2500"), "quantity");
    expect_trail(token, id, 6, "SUBMITTED APPROVED EXECUTED FILLED FILLED FILLED ");
    AUTO_REPLY trail = order_trail(token, id, 6, SETTLE_MS);
    cr_assert_str_eq(json_text(trail.json, "entries/3/status"), "PARTIAL");
    cr_assert_str_eq(json_text(trail.json, "entries/3/total_filled"), "1000");
    cr_assert_str_eq(json_text(trail.json, "entries/4/total_filled"), "2000");
    cr_assert_str_eq(json_text(trail.json, "entries/5/total_filled"), "2500");
    cr_assert_str_eq(json_text(trail.json, "entries/5/status"), "FILLED");
}

Test(pipeline, the_request_example_of_the_contract_is_accepted_and_its_brackets_are_stored)
{
    AUTO_TEXT token = instance_trader("example", "1000000", NULL);
    AUTO_REPLY made =
        order_submit(token, "{ \"symbol\": \"AAPL\", \"quantity\": 100, \"order_type\": \"MARKET\", "
                            "\"price\": 150.50, \"stop_loss\": 145.00, \"take_profit\": 160.00 }");

    cr_assert_eq(made.status, 201, "%ld %s", made.status, made.body.data);
    AUTO_REPLY order = order_await(token, json_text(made.json, "id"), "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    cr_assert_str_eq(json_text(order.json, "price"), "150.5");
    cr_assert_str_eq(json_text(order.json, "stop_loss"), "145");
    cr_assert_str_eq(json_text(order.json, "take_profit"), "160");
}

Test(pipeline, a_limit_away_from_the_market_works_with_its_reservation_until_the_price_comes)
{
    AUTO_TEXT token = instance_trader("away", "10000", NULL);
    struct decimal quantity, notional, cash;
    char id[37];

    submit(token, "{\"symbol\":\"TSLA\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":240.05}", id);
    AUTO_REPLY open = order_await(token, id, "WORKING", FILL_MS);
    cr_assert_str_eq(json_text(open.json, "status"), "PENDING");
    cr_assert_str_eq(json_text(open.json, "filled_quantity"), "0");
    cr_assert_str_eq(json_text(open.json, "average_price"), "null");
    expect_trail(token, id, 3, "SUBMITTED APPROVED EXECUTED ");
    AUTO_REPLY reserved = account_get(token);
    cr_assert_str_eq(json_text(reserved.json, "cash"), "10000");
    cr_assert_str_eq(json_text(reserved.json, "reserved"), "2400.5");
    cr_assert_str_eq(json_text(reserved.json, "buying_power"), "7599.5");
    cr_assert_str_eq(json_text(reserved.json, "usage/open_orders"), "1");

    instance_price("TSLA", "239.50");
    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    instance_price("TSLA", "250.00");
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    sum_fills(order.json, &quantity, &notional);
    equal(quantity, amount("10"), "quantity");
    cr_assert(decimal_compare(number(order.json, "average_price"), amount("240.05")) <= 0,
              "no worse than its limit: %s", json_text(order.json, "average_price"));
    AUTO_REPLY after = account_get(token);
    cr_assert(decimal_sub(amount("10000"), notional, &cash) == 0);
    equal(number(after.json, "cash"), cash, "cash");
    cr_assert_str_eq(json_text(after.json, "reserved"), "0");
    cr_assert_str_eq(json_text(after.json, "usage/open_orders"), "0");
}

Test(pipeline, a_sale_brings_cash_and_takes_the_position)
{
    AUTO_TEXT token = instance_trader("seller", "0", NULL);
    struct decimal quantity, notional;
    char id[37];

    instance_position("seller", "MSFT", "30");
    submit(token, "{\"symbol\":\"MSFT\",\"side\":\"SELL\",\"quantity\":30,\"order_type\":\"MARKET\"}", id);
    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    sum_fills(order.json, &quantity, &notional);
    AUTO_REPLY account = account_get(token);
    equal(number(account.json, "cash"), notional, "cash");
    AUTO_REPLY positions = instance_call(&(struct call){.path = "/api/v1/positions", .token = token});
    cr_assert_eq(json_count(positions.json, "positions"), 0, "%s", positions.body.data);
}

Test(pipeline, a_fraction_of_a_coin_is_exact)
{
    AUTO_TEXT token = instance_trader("coin", "100000", NULL);
    struct decimal quantity, notional, cash;
    char id[37];

    submit(token, "{\"symbol\":\"BTC-USD\",\"quantity\":\"0.1237\",\"order_type\":\"MARKET\"}", id);
    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "filled_quantity"), "0.1237");
    sum_fills(order.json, &quantity, &notional);
    AUTO_REPLY account = account_get(token);
    cr_assert(decimal_sub(amount("100000"), notional, &cash) == 0);
    equal(number(account.json, "cash"), cash, "cash");
}

Test(pipeline, an_immediate_order_that_finds_no_price_ends_and_frees_its_reservation)
{
    AUTO_TEXT token = instance_trader("immediate", "10000", NULL);
    static const char *const tifs[] = {"IOC", "FOK"};
    char body[160], id[37];

    for (size_t i = 0; i < ARRAY_LEN(tifs); i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"symbol\":\"AMZN\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":180,"
                       "\"time_in_force\":\"%s\"}",
                       tifs[i]);
        submit(token, body, id);
        AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
        const char *status = json_text(order.json, "status");
        cr_assert(strcmp(status, "CANCELLED") == 0 || strcmp(status, "EXPIRED") == 0, "%s: %s", tifs[i],
                  order.body.data);
        cr_assert_str_eq(json_text(order.json, "filled_quantity"), "0");
    }
    AUTO_REPLY account = account_get(token);
    cr_assert_str_eq(json_text(account.json, "buying_power"), "10000");
    cr_assert_str_eq(json_text(account.json, "usage/open_orders"), "0");
}

Test(pipeline, orders_of_one_trader_reach_the_exchange_in_their_order)
{
    AUTO_TEXT token = instance_trader("sequence", "1000000", NULL);
    char ids[10][37];

    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        submit(token, "{\"symbol\":\"SPY\",\"quantity\":1,\"order_type\":\"MARKET\"}", ids[i]);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        AUTO_REPLY order = order_await(token, ids[i], "DONE", FILL_MS);
        cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    }
    AUTO_TEXT turned =
        instance_sql("SELECT count(*) FROM (SELECT o.id, lag(o.id) OVER (ORDER BY "
                     "substr(f.venue_exec_id, 2)::bigint) AS before FROM oxe.orders o JOIN oxe.fills f ON "
                     "f.order_id = o.id JOIN oxe.traders t ON t.id = o.trader_id WHERE t.subject = "
                     "'sequence') s WHERE id < before");
    cr_assert_str_eq(turned, "0");
}

Test(pipeline, what_the_database_holds_afterwards_adds_up)
{
    AUTO_TEXT token = instance_trader("afterwards", "1000000", NULL);
    char id[37];

    submit(token, "{\"symbol\":\"GOOG\",\"quantity\":7,\"order_type\":\"MARKET\"}", id);
    AUTO_REPLY order = order_await(token, id, "DONE", FILL_MS);
    instance_check_invariants();
}
