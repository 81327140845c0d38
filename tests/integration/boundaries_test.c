/* SPDX-License-Identifier: Apache-2.0 */
/* Each limit to the last unit (1e-8), over HTTP: below it passes, exactly at it passes (at the daily loss it
 * is refused), past it is refused with limit and actual value. FINE has ticks and lots of one unit and trades
 * at 100. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

static struct gateway_world gateway;

/* One order of a trader who is new, with 1,000,000 in cash and no position, of FINE. */
struct boundary {
    const char *name;
    const char *settings; /* of the trader: "name = value, …" */
    const char *order;    /* "SIDE TYPE quantity [price]" */
    const char *refused;  /* "CODE pointer limit actual"; "": it passes */
    const char *reserved; /* afterwards, of the open orders too */
    const char *held;     /* NULL: 0 */
    const char *open[2];  /* orders before, which pass and rest */
};

static struct reply submit(const char *token, const char *order)
{
    char side[8], type[8], quantity[32], price[32] = "null", body[256];

    cr_assert_geq(sscanf(order, "%7s %7s %31s %31s", side, type, quantity, price), 3);
    (void)snprintf(body, sizeof(body),
                   "{\"symbol\":\"FINE\",\"side\":\"%s\",\"order_type\":\"%s\",\"quantity\":%s,\"price\":%s}",
                   side, type, quantity, price);
    return order_submit(token, body);
}

/* Until the validator knows the instrument. */
static void await_instrument(void)
{
    AUTO_TEXT token = gateway_trader(&gateway, "scout", NULL);

    for (int i = 0; i < 2000; i++) {
        AUTO_REPLY reply = submit(token, "SELL MARKET 1");
        if (strcmp(json_text(reply.json, "code"), "INSUFFICIENT_POSITION") == 0)
            return;
        (void)poll(NULL, 0, 5);
    }
    cr_assert_fail("the validator never knows FINE");
}

static void begin(void)
{
    /* Nobody takes what waits in the outbox. */
    cr_assert_eq(setenv("OXE_OUTBOX_MAX_AGE", "1h", 1) | setenv("OXE_REQUEST_TIMEOUT", "30s", 1), 0);
    gateway_begin(&gateway);
    world_sql(&gateway.world,
              "INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('FINE', "
              "'Fine', 0.00000001, 0.00000001)");
    world_sql(&gateway.world, "INSERT INTO oxe.last_prices (symbol, price) VALUES ('FINE', 100)");
    await_instrument();
}

static void expect_answer(const struct boundary *c, const struct reply *reply)
{
    char refused[256] = "";

    if (reply->status != 201) {
        const char *const members[] = {"code", "field", "limit", "actual"};
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
            char path[32];
            (void)snprintf(path, sizeof(path), "errors/0/%s", members[i]);
            const char *text = json_text(reply->json, path);
            (void)snprintf(refused + strlen(refused), sizeof(refused) - strlen(refused), "%s%s",
                           i > 0 ? " " : "", *text == '\0' ? "-" : text);
        }
        cr_expect_eq(reply->status, 422, "%s, %s: %s", c->name, c->order, reply->body.data);
        cr_expect_eq(json_count(reply->json, "errors"), 1, "%s, %s: %s", c->name, c->order, reply->body.data);
    }
    cr_expect_str_eq(refused, c->refused, "%s, %s: %s", c->name, c->order, reply->body.data);
}

static void run(const struct boundary *c)
{
    static int number;
    char subject[32], count[8];
    int open = 0;

    (void)snprintf(subject, sizeof(subject), "edge-%d", number++);
    AUTO_TEXT token = gateway_trader(&gateway, subject, c->settings);
    world_sql(
        &gateway.world,
        "INSERT INTO oxe.positions (trader_id, symbol, quantity, cost) SELECT id, 'FINE', %s, %s * 100 FROM "
        "oxe.traders WHERE subject = '%s'",
        c->held == NULL ? "0" : c->held, c->held == NULL ? "0" : c->held, subject);
    for (; open < (int)ARRAY_LEN(c->open) && c->open[open] != NULL; open++) {
        AUTO_REPLY before = submit(token, c->open[open]);
        cr_assert_eq(before.status, 201, "%s: %s", c->name, before.body.data);
    }
    AUTO_REPLY reply = submit(token, c->order);
    expect_answer(c, &reply);
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");
    cr_expect_str_eq(json_text(account.json, "reserved"), c->reserved, "%s, %s: %s", c->name, c->order,
                     account.body.data);
    (void)snprintf(count, sizeof(count), "%d", open + (reply.status == 201));
    cr_expect_str_eq(json_text(account.json, "usage/open_orders"), count, "%s, %s", c->name, c->order);
}

static const struct boundary order_sizes[] = {
    {"quantity, below", "max_order_quantity = 10", "BUY LIMIT 9.99999999 100", "", "999.999999"},
    {"quantity, at it", "max_order_quantity = 10", "BUY LIMIT 10 100", "", "1000"},
    {"quantity, past it", "max_order_quantity = 10", "BUY LIMIT 10.00000001 100",
     "MAX_ORDER_QUANTITY /quantity 10 10.00000001", "0"},
    {"value, below", "max_order_notional = 100", "BUY LIMIT 1 99.99999999", "", "99.99999999"},
    {"value, at it", "max_order_notional = 100", "BUY LIMIT 1 100", "", "100"},
    {"value, past it", "max_order_notional = 100", "BUY LIMIT 1 100.00000001",
     "MAX_ORDER_NOTIONAL /quantity 100 100.00000001", "0"},
    {"value of a market, at it", "max_order_notional = 100", "BUY MARKET 1", "", "105"},
    {"value of a market, past it", "max_order_notional = 100", "BUY MARKET 1.00000001",
     "MAX_ORDER_NOTIONAL /quantity 100 100.000001", "0"},
};

static const struct boundary daily_notionals[] = {
    {"below", "max_daily_notional = 100", "BUY LIMIT 1 99.99999999", "", "99.99999999"},
    {"at it", "max_daily_notional = 100", "BUY LIMIT 1 100", "", "100"},
    {"past it", "max_daily_notional = 100", "BUY LIMIT 1 100.00000001",
     "MAX_DAILY_NOTIONAL /quantity 100 100.00000001", "0"},
    {"a market, at it", "max_daily_notional = 100", "BUY MARKET 1", "", "105"},
    {"a market, past it", "max_daily_notional = 100", "BUY MARKET 1.00000001",
     "MAX_DAILY_NOTIONAL /quantity 100 100.000001", "0"},
    {"after another order, at it", "max_daily_notional = 190", "BUY LIMIT 1 100", "", "190",
     .open = {"BUY LIMIT 1 90"}},
    {"after another order, past it", "max_daily_notional = 190", "BUY LIMIT 1 100.00000001",
     "MAX_DAILY_NOTIONAL /quantity 190 190.00000001", "90", .open = {"BUY LIMIT 1 90"}},
    {"what only reduces counts",
     "max_daily_notional = 199",
     "SELL MARKET 1",
     "MAX_DAILY_NOTIONAL /quantity 199 200",
     "0",
     "2",
     {"SELL MARKET 1"}},
    {"the largest there is", "max_daily_notional = 9999999999.99999999", "BUY LIMIT 1 100", "", "100"},
    {"none", "max_daily_notional = 0", "BUY LIMIT 1 100", "", "190", .open = {"BUY LIMIT 1 90"}},
};

static const struct boundary collars[] = {
    {"above, within", NULL, "BUY LIMIT 1 109.99999999", "", "109.99999999"},
    {"above, at it", NULL, "BUY LIMIT 1 110", "", "110"},
    {"above, past it", NULL, "BUY LIMIT 1 110.00000001", "PRICE_COLLAR /price 10 10.00000001", "0"},
    {"below, within", NULL, "BUY LIMIT 1 90.00000001", "", "90.00000001"},
    {"below, at it", NULL, "BUY LIMIT 1 90", "", "90"},
    {"below, past it", NULL, "BUY LIMIT 1 89.99999999", "PRICE_COLLAR /price 10 10.00000001", "0"},
    {"a sale above, at it", NULL, "SELL LIMIT 1 110", "", "0", "1"},
    {"a sale above, past it", NULL, "SELL LIMIT 1 110.00000001", "PRICE_COLLAR /price 10 10.00000001", "0",
     "1"},
    {"a trigger above, at it", NULL, "BUY STOP 1 110", "", "115.5"},
    {"a trigger above, past it", NULL, "BUY STOP 1 110.00000001", "PRICE_COLLAR /price 10 10.00000001", "0"},
    {"a trigger below, at it", NULL, "SELL STOP 1 90", "", "0", "1"},
    {"a trigger below, past it", NULL, "SELL STOP 1 89.99999999", "PRICE_COLLAR /price 10 10.00000001", "0",
     "1"},
    {"another collar, at it", "price_collar_pct = 2.5", "BUY LIMIT 1 102.5", "", "102.5"},
    {"another collar, past it", "price_collar_pct = 2.5", "BUY LIMIT 1 102.50000001",
     "PRICE_COLLAR /price 2.5 2.50000001", "0"},
};

/* Cash less what open orders reserve. */
static const struct boundary buying_power[] = {
    {"below", "cash = 100", "BUY LIMIT 1 99.99999999", "", "99.99999999"},
    {"at it", "cash = 100", "BUY LIMIT 1 100", "", "100"},
    {"past it", "cash = 100", "BUY LIMIT 1 100.00000001",
     "INSUFFICIENT_BUYING_POWER /quantity 100 100.00000001", "0"},
    {"beside an open order, below", "cash = 190", "BUY LIMIT 1 99.99999999", "", "189.99999999",
     .open = {"BUY LIMIT 1 90"}},
    {"beside an open order, at it", "cash = 190", "BUY LIMIT 1 100", "", "190", .open = {"BUY LIMIT 1 90"}},
    {"beside an open order, past it", "cash = 190", "BUY LIMIT 1 100.00000001",
     "INSUFFICIENT_BUYING_POWER /quantity 100 100.00000001", "90", .open = {"BUY LIMIT 1 90"}},
    {"a market costs 5 % more than the last price, below", "cash = 105.00000001", "BUY MARKET 1", "", "105"},
    {"a market, at it", "cash = 105", "BUY MARKET 1", "", "105"},
    {"a market, past it", "cash = 104.99999999", "BUY MARKET 1",
     "INSUFFICIENT_BUYING_POWER /quantity 104.99999999 105", "0"},
    {"a stop costs 5 % more than its trigger, at it", "cash = 115.5", "BUY STOP 1 110", "", "115.5"},
    {"a stop, past it", "cash = 115.49999999", "BUY STOP 1 110",
     "INSUFFICIENT_BUYING_POWER /quantity 115.49999999 115.5", "0"},
    {"what open sales will bring is not there yet",
     "cash = 99.99999999",
     "BUY LIMIT 1 100",
     "INSUFFICIENT_BUYING_POWER /quantity 99.99999999 100",
     "0",
     "5",
     {"SELL LIMIT 5 100"}},
    {"selling needs none", "cash = 0", "SELL MARKET 5", "", "0", "5"},
};

/* What is held less open SELLs, and no more: short selling is off. */
static const struct boundary sales[] = {
    {"below", NULL, "SELL LIMIT 9.99999999 100", "", "0", "10"},
    {"all", NULL, "SELL LIMIT 10 100", "", "0", "10"},
    {"past it", NULL, "SELL LIMIT 10.00000001 100", "INSUFFICIENT_POSITION /quantity 10 10.00000001", "0",
     "10"},
    {"beside open sales, below", NULL, "SELL MARKET 5.99999999", "", "0", "10", {"SELL LIMIT 4 100"}},
    {"beside open sales, at it", NULL, "SELL MARKET 6", "", "0", "10", {"SELL LIMIT 4 100"}},
    {"beside open sales, past it",
     NULL,
     "SELL MARKET 6.00000001",
     "INSUFFICIENT_POSITION /quantity 6 6.00000001",
     "0",
     "10",
     {"SELL LIMIT 4 100"}},
    {"what open orders will buy is not held yet", NULL, "SELL MARKET 0.00000001",
     "INSUFFICIENT_POSITION /quantity 0 0.00000001", "900", .open = {"BUY LIMIT 10 90"}},
    {"nothing is held", NULL, "SELL MARKET 0.00000001", "INSUFFICIENT_POSITION /quantity 0 0.00000001", "0"},
};

#define SHORT "short_selling = true"

/* Down to the position limit; what lies beyond the holding reserves its margin beyond the proceeds: half the
 * price of a LIMIT, 57.5 of a MARKET. What covers is free. */
static const struct boundary short_sales[] = {
    {"down to the limit, below", SHORT ", max_position_quantity = 100", "SELL LIMIT 109.99999999 100", "",
     "4999.9999995", "10"},
    {"down to the limit, at it", SHORT ", max_position_quantity = 100", "SELL LIMIT 110 100", "", "5000",
     "10"},
    {"down to the limit, past it", SHORT ", max_position_quantity = 100", "SELL LIMIT 110.00000001 100",
     "MAX_POSITION /quantity 100 100.00000001", "0", "10"},
    {"beside open sales, at it",
     SHORT ", max_position_quantity = 100",
     "SELL LIMIT 106 100",
     "",
     "5000",
     "10",
     {"SELL LIMIT 4 100"}},
    {"beside open sales, past it",
     SHORT ", max_position_quantity = 100",
     "SELL LIMIT 106.00000001 100",
     "MAX_POSITION /quantity 100 100.00000001",
     "0",
     "10",
     {"SELL LIMIT 4 100"}},
    {"within what is held costs nothing", SHORT ", cash = 0", "SELL MARKET 10", "", "0", "10"},
    {"one unit beyond costs one unit", SHORT ", cash = 0.00000058", "SELL MARKET 10.00000001", "",
     "0.00000058", "10"},
    {"one unit beyond, past it", SHORT ", cash = 0.00000057", "SELL MARKET 10.00000001",
     "INSUFFICIENT_BUYING_POWER /quantity 0.00000057 0.00000058", "0", "10"},
    {"open sales come first", SHORT ", cash = 460", "SELL MARKET 12", "", "460", "10", {"SELL LIMIT 6 100"}},
    {"open sales come first, past it",
     SHORT ", cash = 459.99999999",
     "SELL MARKET 12",
     "INSUFFICIENT_BUYING_POWER /quantity 459.99999999 460",
     "0",
     "10",
     {"SELL LIMIT 6 100"}},
    {"two short sales count together",
     SHORT ", cash = 172.5",
     "SELL MARKET 2",
     "",
     "172.5",
     "0",
     {"SELL MARKET 1"}},
    {"who is short already holds its margin", SHORT ", cash = 1615", "SELL MARKET 2", "", "115", "-10"},
    {"who is short already, past it", SHORT ", cash = 1614.99999999", "SELL MARKET 2",
     "INSUFFICIENT_BUYING_POWER /quantity 114.99999999 115", "0", "-10"},
    {"another margin, at it", SHORT ", cash = 2220, short_margin_pct = 200", "SELL MARKET 2", "", "220",
     "-10"},
    {"another margin, past it", SHORT ", cash = 2219.99999999, short_margin_pct = 200", "SELL MARKET 2",
     "INSUFFICIENT_BUYING_POWER /quantity 219.99999999 220", "0", "-10"},
    {"a limit holds its margin at its price", SHORT ", cash = 110", "SELL LIMIT 2 110", "", "110"},
    {"covering needs none", SHORT ", cash = 0", "BUY LIMIT 10 100", "", "0", "-10"},
    {"covering and buying, at it", SHORT ", cash = 1600", "BUY LIMIT 11 100", "", "100", "-10"},
    {"covering and buying, past it", SHORT ", cash = 1599.99999999", "BUY LIMIT 11 100",
     "INSUFFICIENT_BUYING_POWER /quantity 99.99999999 100", "0", "-10"},
    {"covering twice, at it",
     SHORT ", cash = 2500",
     "BUY LIMIT 10 100",
     "",
     "1000",
     "-10",
     {"BUY LIMIT 10 100"}},
    {"covering twice, past it",
     SHORT ", cash = 2499.99999999",
     "BUY LIMIT 10 100",
     "INSUFFICIENT_BUYING_POWER /quantity 999.99999999 1000",
     "0",
     "-10",
     {"BUY LIMIT 10 100"}},
};

#define MOST_100 "max_position_quantity = 100"

/* With the open orders of that side. */
static const struct boundary positions[] = {
    {"below", MOST_100, "BUY LIMIT 9.99999999 90", "", "2699.9999991", "70", {"BUY LIMIT 20 90"}},
    {"at it", MOST_100, "BUY LIMIT 10 90", "", "2700", "70", {"BUY LIMIT 20 90"}},
    {"past it",
     MOST_100,
     "BUY LIMIT 10.00000001 90",
     "MAX_POSITION /quantity 100 100.00000001",
     "1800",
     "70",
     {"BUY LIMIT 20 90"}},
    {"two open orders, at it",
     MOST_100,
     "BUY LIMIT 10 90",
     "",
     "2700",
     "70",
     {"BUY LIMIT 19 90", "BUY LIMIT 1 90"}},
    {"two open orders, past it",
     MOST_100,
     "BUY LIMIT 10.00000001 90",
     "MAX_POSITION /quantity 100 100.00000001",
     "1800",
     "70",
     {"BUY LIMIT 19 90", "BUY LIMIT 1 90"}},
    {"open sales give no room",
     MOST_100,
     "BUY LIMIT 0.00000001 90",
     "MAX_POSITION /quantity 100 100.00000001",
     "0",
     "100",
     {"SELL LIMIT 100 100"}},
    {"from short to long, at it", MOST_100, "BUY LIMIT 200 90", "", "9000", "-100"},
    {"from short to long, past it", MOST_100, "BUY LIMIT 200.00000001 90",
     "MAX_POSITION /quantity 100 100.00000001", "0", "-100"},
    {"a lowered limit, what only reduces passes", MOST_100, "SELL LIMIT 1 100", "", "0", "500"},
    {"a lowered limit, what adds does not", MOST_100, "BUY LIMIT 0.00000001 90",
     "MAX_POSITION /quantity 100 500.00000001", "0", "500"},
};

static const struct boundary open_orders[] = {
    {"below", "max_open_orders = 2", "BUY LIMIT 1 90", "", "90"},
    {"at it", "max_open_orders = 2", "BUY LIMIT 1 90", "", "180", .open = {"BUY LIMIT 1 90"}},
    {"past it", "max_open_orders = 2", "BUY LIMIT 1 90", "MAX_OPEN_ORDERS - 2 3", "180",
     .open = {"BUY LIMIT 1 90", "BUY LIMIT 1 90"}},
    {"a sale is one, too",
     "max_open_orders = 2",
     "SELL MARKET 1",
     "MAX_OPEN_ORDERS - 2 3",
     "0",
     "3",
     {"SELL MARKET 1", "SELL MARKET 1"}},
};

/* The equity is 1,000,000 and 10 FINE at 100; the day began with so much more. It ends in 2999. */
#define LOST(amount)                                                                                         \
    SHORT ", daily_loss = 1000, trading_day = '2999-01-01', day_start_equity = 1001000 + " amount

static const struct boundary daily_losses[] = {
    {"below", LOST("999.99999999"), "BUY LIMIT 1 100", "", "100", "10"},
    {"at it", LOST("1000"), "BUY LIMIT 1 100", "DAILY_LOSS_LIMIT - 1000 1000", "0", "10"},
    {"past it", LOST("1000.00000001"), "BUY LIMIT 1 100", "DAILY_LOSS_LIMIT - 1000 1000.00000001", "0", "10"},
    {"what only reduces passes, below", LOST("5000"), "SELL MARKET 9.99999999", "", "0", "10"},
    {"what only reduces passes, all of it", LOST("5000"), "SELL MARKET 10", "", "0", "10"},
    {"what turns the position round does not", LOST("5000"), "SELL MARKET 10.00000001",
     "DAILY_LOSS_LIMIT - 1000 5000", "0", "10"},
    {"beside open sales, at it", LOST("5000"), "SELL MARKET 6", "", "0", "10", {"SELL LIMIT 4 100"}},
    {"beside open sales, past it",
     LOST("5000"),
     "SELL MARKET 6.00000001",
     "DAILY_LOSS_LIMIT - 1000 5000",
     "0",
     "10",
     {"SELL LIMIT 4 100"}},
    {"buying back a short passes", LOST("5000 - 2000"), "BUY LIMIT 10 100", "", "0", "-10"},
    {"buying back too much does not", LOST("5000 - 2000"), "BUY LIMIT 10.00000001 100",
     "DAILY_LOSS_LIMIT - 1000 5000", "0", "-10"},
};

static void run_all(const struct boundary *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run(&cases[i]);
}

Test(boundaries, each_limit_holds_to_the_last_unit, .timeout = 120)
{
    begin();
    run_all(order_sizes, ARRAY_LEN(order_sizes));
    run_all(daily_notionals, ARRAY_LEN(daily_notionals));
    run_all(collars, ARRAY_LEN(collars));
    run_all(buying_power, ARRAY_LEN(buying_power));
    run_all(sales, ARRAY_LEN(sales));
    run_all(short_sales, ARRAY_LEN(short_sales));
    run_all(positions, ARRAY_LEN(positions));
    run_all(open_orders, ARRAY_LEN(open_orders));
    run_all(daily_losses, ARRAY_LEN(daily_losses));
    gateway_end(&gateway);
}
