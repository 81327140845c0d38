/* SPDX-License-Identifier: Apache-2.0 */
/* Stop loss and take profit as a trader sees them over HTTP. Each test has a symbol of its own, and the other
 * side of a trade is a second trader where a test keeps the exchange's own quotes away.
 *
 * Long: one instance serves all cases, each with a symbol of its own. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/support/instance.h"

/* A bound for a loaded machine, not an expectation. */
enum { WAIT_MS = 30000, POLL_MS = 20, TEXT_MAX = 512 };

/* One exchange for all tests: what a failed one armed must not meet the next. */
static void clear_faults(void)
{
    AUTO_TEXT done = instance_oxe((const char *[]){"ctl", "sim", "fault", "clear", NULL}, NULL);
}

TestSuite(bracket, .timeout = 240, .init = clear_faults, .fini = clear_faults);

/* A trader with one bracket. */
struct bracket {
    const char *symbol;
    char *token;
    char entry[37];
};

static void bracket_release(struct bracket *bracket)
{
    free(bracket->token);
}

#define AUTO_BRACKET CLEANUP(bracket_release) struct bracket

static struct reply get(const char *token, const char *path)
{
    struct reply reply = instance_call(&(struct call){.path = path, .token = token});

    cr_assert_eq(reply.status, 200, "%s: %ld %s", path, reply.status, reply.body.data);
    return reply;
}

static void submit(const char *token, const char *body, char ret_id[static 37])
{
    AUTO_REPLY reply = order_submit(token, body);

    cr_assert_eq(reply.status, 201, "%s: %ld %s", body, reply.status, reply.body.data);
    (void)snprintf(ret_id, 37, "%s", json_text(reply.json, "id"));
}

/* Opens the account, gives it what is to be held, and submits the entry. */
static struct bracket enter(const char *subject, const char *symbol, const char *held, const char *order)
{
    struct bracket bracket = {.symbol = symbol, .token = instance_trader(subject, "100000", NULL)};
    char body[TEXT_MAX + 64];

    if (held != NULL)
        instance_position(subject, symbol, held);
    (void)snprintf(body, sizeof(body), "{\"symbol\":\"%s\",%s}", symbol, order);
    submit(bracket.token, body, bracket.entry);
    return bracket;
}

/* The list of the symbol's orders, and where in it the latest leg of the type is: "orders/3/", "" for none.
 */
static struct reply find_leg(const struct bracket *bracket, const char *type, char ret_leg[static 32])
{
    char path[96], member[64];

    (void)snprintf(path, sizeof(path), "/api/v1/orders?limit=500&symbol=%s", bracket->symbol);
    struct reply list = get(bracket->token, path);
    ret_leg[0] = '\0';
    for (size_t i = 0; i < json_count(list.json, "orders") && ret_leg[0] == '\0'; i++) {
        (void)snprintf(member, sizeof(member), "orders/%zu/parent_order_id", i);
        bool is_leg = strcmp(json_text(list.json, member), bracket->entry) == 0;
        (void)snprintf(member, sizeof(member), "orders/%zu/order_type", i);
        if (is_leg && strcmp(json_text(list.json, member), type) == 0)
            (void)snprintf(ret_leg, 32, "orders/%zu/", i);
    }
    return list;
}

/* Members of the order at this path, each followed by a blank. */
static void describe(yajl_val value, const char *order, const char *const *members,
                     char ret_text[static TEXT_MAX])
{
    char path[96];

    ret_text[0] = '\0';
    for (; *members != NULL; members++) {
        size_t used = strlen(ret_text);
        (void)snprintf(path, sizeof(path), "%s%s", order, *members);
        (void)snprintf(ret_text + used, TEXT_MAX - used, "%s ", json_text(value, path));
    }
}

/* Asks until the latest leg of the type is so ("PENDING WORKING 0 10 "), and copies its id. */
static void await_leg(const struct bracket *bracket, const char *type, const char *wanted,
                      char ret_id[static 37])
{
    static const char *const members[] = {"status", "execution_state", "filled_quantity", "quantity", NULL};
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    char leg[32], text[TEXT_MAX], id_path[64];

    for (;;) {
        AUTO_REPLY list = find_leg(bracket, type, leg);
        describe(list.json, leg, members, text);
        if (leg[0] != '\0' && strcmp(text, wanted) == 0) {
            (void)snprintf(id_path, sizeof(id_path), "%sid", leg);
            (void)snprintf(ret_id, 37, "%s", json_text(list.json, id_path));
            return;
        }
        cr_assert(clock_monotonic_us() < end_us, "the %s leg is '%s', not '%s': %s", type, text, wanted,
                  list.body.data);
        (void)poll(NULL, 0, POLL_MS);
    }
}

struct legs {
    char stop[37], profit[37];
};

static struct legs await_legs(const struct bracket *bracket, const char *stop, const char *profit)
{
    struct legs legs;

    await_leg(bracket, "STOP", stop, legs.stop);
    await_leg(bracket, "LIMIT", profit, legs.profit);
    return legs;
}

/* Legs of the entry that are in the state, of whatever type. */
static size_t count_legs(const struct bracket *bracket, const char *state)
{
    char path[96], member[64];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "/api/v1/orders?limit=500&symbol=%s", bracket->symbol);
    AUTO_REPLY list = get(bracket->token, path);
    for (size_t i = 0; i < json_count(list.json, "orders"); i++) {
        (void)snprintf(member, sizeof(member), "orders/%zu/parent_order_id", i);
        bool is_leg = strcmp(json_text(list.json, member), bracket->entry) == 0;
        (void)snprintf(member, sizeof(member), "orders/%zu/execution_state", i);
        count += is_leg && strcmp(json_text(list.json, member), state) == 0;
    }
    return count;
}

static void await_leg_count(const struct bracket *bracket, const char *state, size_t wanted)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    size_t count;

    while ((count = count_legs(bracket, state)) != wanted) {
        cr_assert(clock_monotonic_us() < end_us, "%zu legs are %s, not %zu", count, state, wanted);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* Waits until the exchange works the order for this quantity: it is told of a change after the commit. */
static void await_at_exchange(const char *order_id, const char *quantity)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    char wanted[64];

    (void)snprintf(wanted, sizeof(wanted), "\"quantity\":%s,", quantity);
    for (;;) {
        AUTO_TEXT orders = instance_oxe((const char *[]){"ctl", "sim", "orders", NULL}, NULL);
        char *line = strstr(orders, order_id);
        if (line != NULL)
            line[strcspn(line, "\n")] = '\0';
        if (line != NULL && strstr(line, wanted) != NULL)
            return;
        cr_assert(clock_monotonic_us() < end_us, "the exchange has not %s of %s: %s", quantity, order_id,
                  line == NULL ? "nothing" : line);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* What the trail says of an order: "ACTION" or "ACTION:REASON", each followed by a blank. */
static void describe_trail(const struct reply *trail, char ret_text[static TEXT_MAX])
{
    char path[64];

    ret_text[0] = '\0';
    for (size_t i = 0; i < json_count(trail->json, "entries"); i++) {
        size_t used = strlen(ret_text);
        (void)snprintf(path, sizeof(path), "entries/%zu/reason", i);
        const char *reason = json_text(trail->json, path);
        bool has_reason = *reason != '\0' && strcmp(reason, "null") != 0;
        (void)snprintf(path, sizeof(path), "entries/%zu/action", i);
        if (strcmp(json_text(trail->json, path), "ACKNOWLEDGED") == 0)
            continue;
        (void)snprintf(ret_text + used, TEXT_MAX - used, "%s%s%s ", json_text(trail->json, path),
                       has_reason ? ":" : "", has_reason ? reason : "");
    }
}

/* The trail says this and no more. */
static void expect_trail(const struct bracket *bracket, const char *order_id, const char *expected)
{
    char text[TEXT_MAX];
    size_t entries = 0;

    for (const char *c = expected; *c != '\0'; c++)
        entries += *c == ' ';
    AUTO_REPLY trail = order_trail(bracket->token, order_id, entries, WAIT_MS);
    describe_trail(&trail, text);
    cr_assert_str_eq(text, expected, "the trail of %s: '%s', not '%s'", order_id, text, expected);
}

/* Waits until the trail has the entry, which is there once. */
static void expect_one_entry(const struct bracket *bracket, const char *order_id, const char *expected)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    char text[TEXT_MAX];
    const char *found;

    for (;;) {
        AUTO_REPLY trail = order_trail(bracket->token, order_id, 1, WAIT_MS);
        describe_trail(&trail, text);
        found = strstr(text, expected);
        if (found != NULL)
            break;
        cr_assert(clock_monotonic_us() < end_us, "the trail of %s: '%s', without '%s'", order_id, text,
                  expected);
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_null(strstr(found + 1, expected), "the trail of %s: '%s'", order_id, text);
}

#define SENT "SUBMITTED APPROVED EXECUTED "

/* The account's open orders and what is held of the symbol; a bracket that sells reserves nothing. */
static void expect_account(const struct bracket *bracket, const char *open_orders, const char *held)
{
    AUTO_REPLY account = get(bracket->token, "/api/v1/account");
    cr_assert_str_eq(json_text(account.json, "reserved"), "0", "%s", account.body.data);
    cr_assert_str_eq(json_text(account.json, "usage/open_orders"), open_orders, "%s", account.body.data);
    AUTO_REPLY positions = get(bracket->token, "/api/v1/positions");
    cr_assert_str_eq(json_text(positions.json, "positions/0/quantity"), held, "%s", positions.body.data);
    cr_assert(json_count(positions.json, "positions") <= 1, "%s", positions.body.data);
}

/* What the fills of an order sum up to, and how many they are. */
static void expect_fills(const struct bracket *bracket, const char *order_id, size_t fills,
                         const char *filled)
{
    AUTO_REPLY order = order_get(bracket->token, order_id);
    cr_assert_str_eq(json_text(order.json, "filled_quantity"), filled, "%s", order.body.data);
    cr_assert_eq(json_count(order.json, "fills"), fills, "%s", order.body.data);
}

/* A sale of this much is refused, for only so much is left. */
static void expect_too_much(const struct bracket *bracket, const char *quantity, const char *left)
{
    char body[TEXT_MAX];

    (void)snprintf(body, sizeof(body),
                   "{\"symbol\":\"%s\",\"side\":\"SELL\",\"quantity\":%s,\"order_type\":\"MARKET\"}",
                   bracket->symbol, quantity);
    AUTO_REPLY reply = order_submit(bracket->token, body);
    cr_assert_eq(reply.status, 422, "%ld %s", reply.status, reply.body.data);
    cr_assert_str_eq(json_text(reply.json, "code"), "INSUFFICIENT_POSITION");
    cr_assert_str_eq(json_text(reply.json, "errors/0/limit"), left, "%s", reply.body.data);
    cr_assert_str_eq(json_text(reply.json, "errors/0/actual"), quantity, "%s", reply.body.data);
}

static void cancel(const struct bracket *bracket, const char *order_id)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/cancel", order_id);
    AUTO_REPLY reply = instance_call(&(struct call){.method = "POST", .path = path, .token = bracket->token});
    cr_assert_eq(reply.status, 202, "%s: %ld %s", path, reply.status, reply.body.data);
    AUTO_REPLY order = order_await(bracket->token, order_id, "DONE", WAIT_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "CANCELLED", "%s", order.body.data);
}

static void arm(const char *kind, const char *a, const char *b, const char *c)
{
    AUTO_TEXT done = instance_oxe((const char *[]){"ctl", "sim", "fault", kind, a, b, c, NULL}, NULL);
}

/* Only clients' orders meet from now on. */
static void keep_quotes_away(const char *symbol)
{
    char option[32];

    (void)snprintf(option, sizeof(option), "symbol=%s", symbol);
    arm("no-liquidity", option, NULL, NULL);
}

/* Another trader's order, which is filled at once by what rests. */
static void trade(const char *token, const char *symbol, const char *side, const char *quantity,
                  const char *price)
{
    char body[TEXT_MAX], id[37];

    (void)snprintf(
        body, sizeof(body),
        "{\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":%s,\"order_type\":\"LIMIT\",\"price\":%s}", symbol,
        side, quantity, price);
    submit(token, body, id);
    AUTO_REPLY order = order_await(token, id, "DONE", WAIT_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED", "%s", order.body.data);
}

Test(bracket, the_example_of_the_contract_fills_and_its_pair_counts_once)
{
    AUTO_BRACKET bracket = enter("example", "AAPL", "5",
                                 "\"quantity\":100,\"order_type\":\"MARKET\",\"price\":150.50,"
                                 "\"stop_loss\":145.00,\"take_profit\":160.00");
    struct legs legs = await_legs(&bracket, "PENDING WORKING 0 100 ", "PENDING WORKING 0 100 ");
    static const char *const members[] = {"side", "time_in_force", "price", "parent_order_id", NULL};
    char text[TEXT_MAX], wanted[TEXT_MAX], id[37];

    AUTO_REPLY entry = order_get(bracket.token, bracket.entry);
    cr_assert_str_eq(json_text(entry.json, "status"), "FILLED");
    cr_assert_str_eq(json_text(entry.json, "parent_order_id"), "null");
    expect_fills(&bracket, bracket.entry, 1, "100");
    expect_trail(&bracket, bracket.entry, SENT "FILLED ");
    const struct {
        const char *id, *price;
    } made[] = {{legs.stop, "145"}, {legs.profit, "160"}};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        AUTO_REPLY leg = order_get(bracket.token, made[i].id);
        describe(leg.json, "", members, text);
        (void)snprintf(wanted, sizeof(wanted), "SELL GTC %s %s ", made[i].price, bracket.entry);
        cr_assert_str_eq(text, wanted, "%s", leg.body.data);
        expect_fills(&bracket, made[i].id, 0, "0");
        expect_trail(&bracket, made[i].id, SENT);
    }
    expect_account(&bracket, "2", "105");
    expect_too_much(&bracket, "6", "5");
    submit(bracket.token, "{\"symbol\":\"AAPL\",\"side\":\"SELL\",\"quantity\":5,\"order_type\":\"MARKET\"}",
           id);
    AUTO_REPLY sold = order_await(bracket.token, id, "DONE", WAIT_MS);
    cr_assert_str_eq(json_text(sold.json, "status"), "FILLED");
    expect_account(&bracket, "2", "100");
    cancel(&bracket, legs.stop);
    cancel(&bracket, legs.profit);
    expect_account(&bracket, "0", "100");
    instance_check_invariants();
}

static const struct closing {
    const char *subject, *symbol, *levels, *price; /* price: where the market goes */
    const char *stop, *profit;                     /* how the legs end */
    bool profit_fills;
} closings[] = {
    {"profits", "MSFT", "\"stop_loss\":400,\"take_profit\":420", "421", "CANCELLED DONE 0 10 ",
     "FILLED DONE 10 10 ", true},
    {"stopped", "GOOG", "\"stop_loss\":170,\"take_profit\":180", "169", "FILLED DONE 10 10 ",
     "CANCELLED DONE 0 10 ", false},
};

static void close_by(const struct closing *closing)
{
    char order[TEXT_MAX];

    (void)snprintf(order, sizeof(order), "\"quantity\":10,\"order_type\":\"MARKET\",%s", closing->levels);
    AUTO_BRACKET bracket = enter(closing->subject, closing->symbol, NULL, order);
    (void)await_legs(&bracket, "PENDING WORKING 0 10 ", "PENDING WORKING 0 10 ");
    instance_price(closing->symbol, closing->price);
    struct legs legs = await_legs(&bracket, closing->stop, closing->profit);
    const char *filled = closing->profit_fills ? legs.profit : legs.stop;
    const char *cancelled = closing->profit_fills ? legs.stop : legs.profit;
    expect_fills(&bracket, filled, 1, "10");
    expect_fills(&bracket, cancelled, 0, "0");
    expect_trail(&bracket, bracket.entry, SENT "FILLED ");
    expect_trail(&bracket, filled, SENT "FILLED ");
    expect_trail(&bracket, cancelled, SENT "CANCEL_REQUESTED:OCO CANCELLED ");
    expect_account(&bracket, "0", "");
    instance_check_invariants();
}

Test(bracket, the_take_profit_cancels_the_stop_loss)
{
    close_by(&closings[0]);
}

Test(bracket, the_stop_loss_cancels_the_take_profit)
{
    close_by(&closings[1]);
}

Test(bracket, legs_grow_with_each_fill_and_stay_when_the_entry_is_cancelled)
{
    AUTO_TEXT other = instance_trader("other-parts", "100000", NULL);
    instance_position("other-parts", "AMZN", "10");
    keep_quotes_away("AMZN");
    AUTO_BRACKET bracket = enter("parts", "AMZN", NULL,
                                 "\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":185,"
                                 "\"stop_loss\":176,\"take_profit\":194");
    AUTO_REPLY working = order_await(bracket.token, bracket.entry, "WORKING", WAIT_MS);

    trade(other, "AMZN", "SELL", "4", "185");
    (void)await_legs(&bracket, "PENDING WORKING 0 4 ", "PENDING WORKING 0 4 ");
    trade(other, "AMZN", "SELL", "3", "185");
    struct legs legs = await_legs(&bracket, "PENDING WORKING 0 7 ", "PENDING WORKING 0 7 ");
    await_at_exchange(legs.stop, "7");
    await_at_exchange(legs.profit, "7");
    cancel(&bracket, bracket.entry);
    (void)await_legs(&bracket, "PENDING WORKING 0 7 ", "PENDING WORKING 0 7 ");
    cr_assert_eq(count_legs(&bracket, "WORKING"), 2);
    expect_fills(&bracket, bracket.entry, 2, "7");
    expect_trail(&bracket, bracket.entry, SENT "FILLED FILLED CANCEL_REQUESTED CANCELLED ");
    expect_trail(&bracket, legs.stop, SENT "EXECUTED:RESIZED ");
    expect_trail(&bracket, legs.profit, SENT "EXECUTED:RESIZED ");
    expect_account(&bracket, "2", "7");
    expect_too_much(&bracket, "1", "0");
    trade(other, "AMZN", "BUY", "7", "194");
    (void)await_legs(&bracket, "CANCELLED DONE 0 7 ", "FILLED DONE 7 7 ");
    expect_account(&bracket, "0", "");
    instance_check_invariants();
}

Test(bracket, a_leg_filled_in_part_shrinks_the_other)
{
    AUTO_TEXT other = instance_trader("other-shrink", "100000", NULL);
    AUTO_BRACKET bracket =
        enter("shrink", "NVDA", NULL,
              "\"quantity\":10,\"order_type\":\"MARKET\",\"stop_loss\":115,\"take_profit\":125");

    (void)await_legs(&bracket, "PENDING WORKING 0 10 ", "PENDING WORKING 0 10 ");
    keep_quotes_away("NVDA");
    trade(other, "NVDA", "BUY", "4", "125");
    struct legs legs = await_legs(&bracket, "PENDING WORKING 0 6 ", "PARTIAL WORKING 4 10 ");
    await_at_exchange(legs.stop, "6");
    expect_fills(&bracket, legs.profit, 1, "4");
    expect_account(&bracket, "2", "6");
    expect_too_much(&bracket, "1", "0");
    trade(other, "NVDA", "BUY", "6", "125");
    (void)await_legs(&bracket, "CANCELLED DONE 0 6 ", "FILLED DONE 10 10 ");
    expect_fills(&bracket, legs.profit, 2, "10");
    expect_trail(&bracket, legs.profit, SENT "FILLED FILLED ");
    expect_trail(&bracket, legs.stop, SENT "EXECUTED:RESIZED CANCEL_REQUESTED:OCO CANCELLED ");
    expect_account(&bracket, "0", "");
    instance_check_invariants();
}

Test(bracket, a_fill_after_the_entry_was_cancelled_makes_its_own_pair)
{
    AUTO_TEXT other = instance_trader("other-late", "100000", NULL);
    instance_position("other-late", "TSLA", "10");
    keep_quotes_away("TSLA");
    AUTO_BRACKET bracket = enter("late", "TSLA", NULL,
                                 "\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":249.90,"
                                 "\"stop_loss\":240,\"take_profit\":260");
    AUTO_REPLY working = order_await(bracket.token, bracket.entry, "WORKING", WAIT_MS);

    trade(other, "TSLA", "SELL", "4", "249.90");
    struct legs first = await_legs(&bracket, "PENDING WORKING 0 4 ", "PENDING WORKING 0 4 ");
    arm("late-fill", "ms=300", "symbol=TSLA", NULL);
    cancel(&bracket, bracket.entry);
    await_leg_count(&bracket, "WORKING", 4);
    struct legs second = await_legs(&bracket, "PENDING WORKING 0 6 ", "PENDING WORKING 0 6 ");
    cr_assert_str_neq(second.stop, first.stop);
    cr_assert_str_neq(second.profit, first.profit);
    expect_fills(&bracket, bracket.entry, 2, "10");
    expect_trail(&bracket, bracket.entry, SENT "FILLED CANCEL_REQUESTED CANCELLED FILLED:LATE ");
    expect_account(&bracket, "4", "10");
    expect_too_much(&bracket, "1", "0");
    clear_faults();
    instance_price("TSLA", "261");
    await_leg_count(&bracket, "DONE", 4);
    expect_fills(&bracket, first.profit, 1, "4");
    expect_fills(&bracket, second.profit, 1, "6");
    expect_trail(&bracket, first.stop, SENT "CANCEL_REQUESTED:OCO CANCELLED ");
    expect_trail(&bracket, second.stop, SENT "CANCEL_REQUESTED:OCO CANCELLED ");
    expect_account(&bracket, "0", "");
    instance_check_invariants();
}

Test(bracket, both_legs_executed_are_counted_and_flagged_in_the_trail)
{
    AUTO_BRACKET bracket =
        enter("both", "SPY", "20",
              "\"quantity\":10,\"order_type\":\"MARKET\",\"stop_loss\":550,\"take_profit\":570");
    struct legs legs = await_legs(&bracket, "PENDING WORKING 0 10 ", "PENDING WORKING 0 10 ");
    char option[64], id[37];

    /* The take profit's fill is told when the stop loss is known to be filled, however long that takes. */
    (void)snprintf(option, sizeof(option), "order=%s", legs.profit);
    arm("delay", "ms=600000", "report=fill", option);
    instance_price("SPY", "571");
    instance_price("SPY", "549");
    await_leg(&bracket, "STOP", "FILLED DONE 10 10 ", id);
    clear_faults();
    await_leg(&bracket, "LIMIT", "FILLED DONE 10 10 ", id);
    expect_fills(&bracket, legs.stop, 1, "10");
    expect_fills(&bracket, legs.profit, 1, "10");
    expect_one_entry(&bracket, legs.profit, "FILLED:BOTH_LEGS ");
    expect_trail(&bracket, legs.stop, SENT "FILLED ");
    expect_account(&bracket, "0", "10");
    instance_check_invariants();
}

Test(bracket, a_trader_cancels_one_leg_and_keeps_the_other)
{
    AUTO_BRACKET bracket =
        enter("keeps", "AAPL", NULL,
              "\"quantity\":10,\"order_type\":\"MARKET\",\"stop_loss\":140,\"take_profit\":160");
    struct legs legs = await_legs(&bracket, "PENDING WORKING 0 10 ", "PENDING WORKING 0 10 ");

    cancel(&bracket, legs.profit);
    (void)await_legs(&bracket, "PENDING WORKING 0 10 ", "CANCELLED DONE 0 10 ");
    expect_trail(&bracket, legs.profit, SENT "CANCEL_REQUESTED CANCELLED ");
    expect_trail(&bracket, legs.stop, SENT);
    expect_account(&bracket, "1", "10");
    expect_too_much(&bracket, "1", "0");
    cancel(&bracket, legs.stop);
    expect_trail(&bracket, legs.stop, SENT "CANCEL_REQUESTED CANCELLED ");
    expect_account(&bracket, "0", "10");
    instance_check_invariants();
}

Test(bracket, a_sale_that_closes_a_holding_needs_no_legs)
{
    AUTO_BRACKET bracket = enter("closes", "BTC-USD", "0.5",
                                 "\"side\":\"SELL\",\"quantity\":0.5,\"order_type\":\"MARKET\","
                                 "\"stop_loss\":62000,\"take_profit\":58000");
    expect_trail(&bracket, bracket.entry, SENT "FILLED ");
    expect_fills(&bracket, bracket.entry, 1, "0.5");
    cr_expect_eq(count_legs(&bracket, "DONE"), 0);
    expect_account(&bracket, "0", "");
    instance_check_invariants();
}
