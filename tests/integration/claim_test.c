/* SPDX-License-Identifier: Apache-2.0 */
/* The claim: what goes out to the exchange, what waits, and that nothing goes out that is over here. Between
 * a real PostgreSQL and a real exchange-sim. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/lane.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;

static void set_up(void)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "100ms", 1), 0);
    floor_begin(&floor_);
}

static void set_up_with_limit(void)
{
    cr_assert_eq(setenv("EXCHANGE_API_RATE_LIMIT", "240", 1),
                 0); /* each lane: 12 at once, then 48 a minute */
    set_up();
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(claim, .init = set_up, .fini = tear_down, .timeout = 180);

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};

#define HALT(scope, column, value)                                                                           \
    "INSERT INTO oxe.halts (id, scope, " column ", reason, created_by, created_at) VALUES "                  \
    "(gen_random_uuid(), '" scope "', " value ", 'a test', 'test', now())"
#define HALT_ALL HALT("ALL", "symbol", "NULL")
#define LIFT     "DELETE FROM oxe.halts"

static bool is_known_to_exchange(struct uuid id)
{
    char text[UUID_TEXT_MAX];
    CLEANUP(buffer_release) struct buffer orders = floor_control(&floor_, "orders");
    uuid_format(id, text);
    return orders.length > 0 && strstr(orders.data, text) != NULL;
}

/* Admitted while the exchange is away; before it comes back, `then` happens. */
static struct uuid admit_in_outage(const struct floor_order *order, const char *then)
{
    floor_kill_exchange(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
    struct uuid id = floor_admit(&floor_, order, 1, true);
    floor_sql(&floor_, "%s", then);
    floor_restart_exchange(&floor_);
    return id;
}

static const struct {
    const char *begins, *ends, *reason;
} holds[] = {
    {HALT_ALL, LIFT, "TRADING_HALTED"},
    {HALT("TRADER", "trader_id", "(SELECT id FROM oxe.traders WHERE subject = 'trader-0')"), LIFT,
     "TRADING_HALTED"},
    {HALT("SYMBOL", "symbol", "'AAPL'"), LIFT, "TRADING_HALTED"},
    {"UPDATE oxe.traders SET status = 'SUSPENDED' WHERE subject = 'trader-0'",
     "UPDATE oxe.traders SET status = 'ACTIVE'", "ACCOUNT_NOT_ACTIVE"},
    {"UPDATE oxe.traders SET status = 'CLOSED' WHERE subject = 'trader-0'",
     "UPDATE oxe.traders SET status = 'ACTIVE'", "ACCOUNT_NOT_ACTIVE"},
};

Test(claim, what_was_not_sent_before_a_hold_waits_visibly_and_goes_on_after_it)
{
    for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
        struct uuid id = admit_in_outage(&market_buy, holds[i].begins);
        floor_await_order(&floor_, id, "concat_ws(' ', status, execution_state, reason)", "PENDING ADMITTED");
        floor_await_order(&floor_, id, "reason", holds[i].reason);
        cr_expect_not(is_known_to_exchange(id), "%s", holds[i].begins);
        floor_sql(&floor_, "%s", holds[i].ends);
        floor_await_order(&floor_, id, "concat_ws(' ', status, reason)", "FILLED");
        cr_expect_str_eq(floor_order(&floor_, id, "updated_at - created_at < '25 s'"), "t");
        cr_expect_str_eq(floor_trail(&floor_, id), "SUBMITTED APPROVED EXECUTED FILLED");
        floor_check(&floor_);
        cr_assert_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    }
}

Test(claim, a_hold_leaves_other_traders_and_symbols_alone)
{
    floor_sql(&floor_, HALT("SYMBOL", "symbol", "'MSFT'"));
    floor_sql(&floor_, "UPDATE oxe.traders SET status = 'SUSPENDED' WHERE subject = 'trader-1'");
    struct floor_order halted = market_buy, suspended = market_buy;
    halted.symbol = "MSFT";
    halted.reserve_price = "420";
    suspended.trader = 1;
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid first = floor_admit(&floor_, &halted, 1, true);
    struct uuid second = floor_admit(&floor_, &suspended, 1, true);
    struct uuid third = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, third, "status", "FILLED");
    floor_await_order(&floor_, first, "reason", "TRADING_HALTED");
    floor_await_order(&floor_, second, "reason", "ACCOUNT_NOT_ACTIVE");
    /* It waits for something else by then. */
    floor_sql(&floor_, LIFT);
    floor_sql(&floor_,
              HALT("TRADER", "trader_id", "(SELECT id FROM oxe.traders WHERE subject = 'trader-1')"));
    floor_sql(&floor_, "UPDATE oxe.traders SET status = 'ACTIVE'");
    floor_await_order(&floor_, second, "reason", "TRADING_HALTED");
    floor_await_order(&floor_, first, "status", "FILLED");
    cr_expect_not(is_known_to_exchange(second));
    floor_check(&floor_);
}

Test(claim, a_held_order_can_be_cancelled_and_never_goes_out)
{
    struct uuid id = admit_in_outage(&market_buy, HALT_ALL);
    floor_await_order(&floor_, id, "reason", "TRADING_HALTED");
    floor_cancel(&floor_, id, true);
    floor_await_order(&floor_, id, "concat_ws(' ', status, reason)", "CANCELLED");
    floor_sql(&floor_, LIFT);
    struct uuid next = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, next, "status", "FILLED");
    cr_expect_not(is_known_to_exchange(id));
    floor_check(&floor_);
}

Test(claim, a_held_order_expires_with_its_day)
{
    struct floor_order order = market_buy;
    order.expires_in_ms = 3000;
    struct uuid id = admit_in_outage(&order, HALT_ALL);
    floor_await_order(&floor_, id, "concat_ws(' ', status, reason)", "EXPIRED");
    cr_expect_not(is_known_to_exchange(id));
    floor_check(&floor_);
}

Test(claim, a_new_owner_holds_what_the_last_one_held)
{
    struct uuid id = admit_in_outage(&market_buy, HALT_ALL);
    floor_await_order(&floor_, id, "reason", "TRADING_HALTED");
    cr_assert_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_start_executor(&floor_, 1, FLOOR_LANES);
    struct floor_order other = market_buy;
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '1'", "4");
    floor_sql(&floor_, LIFT);
    other.trader = 1;
    (void)floor_admit(&floor_, &other, 1, true);
    floor_await_quiet(&floor_);
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', status, attempts)"), "FILLED 1");
    floor_check(&floor_);
}

Test(claim, more_orders_than_one_look_takes_go_on_together)
{
    enum { ORDERS = 300 };
    struct floor_order small = market_buy;
    small.quantity = 1;
    struct uuid last = admit_in_outage(&small, HALT_ALL);
    last = floor_admit(&floor_, &small, ORDERS, false);
    floor_await(&floor_, "SELECT count(*) FROM oxe.orders WHERE reason = 'TRADING_HALTED'", "301");
    floor_sql(&floor_, LIFT);
    floor_await_order(&floor_, last, "status", "FILLED");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

/* The exchange is known not to have it: to send it again would be to send it under the halt. */
Test(claim, what_was_lost_on_its_way_is_not_sent_again_under_a_halt)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_tell_exchange(&floor_, "fault swallow message=order");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    floor_sql(&floor_, HALT_ALL);
    floor_await_order(&floor_, id, "concat_ws(' ', execution_state, attempts, reason)",
                      "SENT 1 TRADING_HALTED");
    cr_expect_not(is_known_to_exchange(id));
    floor_sql(&floor_, LIFT);
    floor_await_order(&floor_, id, "concat_ws(' ', status, attempts, reason)", "FILLED 2");
    cr_expect_str_eq(floor_trail(&floor_, id), "SUBMITTED APPROVED EXECUTED RETRIED FILLED");
    floor_check(&floor_);
}

static struct floor_order bracket_of(size_t trader)
{
    struct floor_order order = market_buy;
    order.trader = trader;
    order.stop_loss = "140";
    order.take_profit = "160";
    return order;
}

Test(claim, protection_goes_out_under_a_halt)
{
    struct floor_order entry = bracket_of(0);
    entry.order_type = ORDER_TYPE_LIMIT;
    entry.price = entry.reserve_price = "149.9";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &entry, 1, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    floor_sql(&floor_, HALT_ALL);
    floor_sql(&floor_, "UPDATE oxe.traders SET status = 'SUSPENDED'");
    floor_tell_exchange(&floor_, "price AAPL 149");
    floor_await_order(&floor_, id, "status", "FILLED");
    floor_await(&floor_,
                "SELECT count(*) FROM oxe.orders WHERE parent_order_id IS NOT NULL AND execution_state = "
                "'WORKING'",
                "2");
    floor_check(&floor_);
}

/* A trader whose lane is not that of trader 0, with an order that rests: its cancel is a turn of the same
 * executor that can be held up. */
static size_t other_lane(void)
{
    char id[64];
    struct uuid trader;
    int lanes[FLOOR_TRADERS];
    size_t other = 0;
    for (size_t i = 0; i < FLOOR_TRADERS; i++) {
        (void)snprintf(id, sizeof(id), "00000000-0000-7000-8000-%012zu", i);
        cr_assert_eq(uuid_parse(id, strlen(id), &trader), 0);
        lanes[i] = lane_of(trader, FLOOR_LANES);
        if (lanes[i] != lanes[0])
            other = i;
    }
    cr_assert_gt(other, 0, "all traders share a lane");
    return other;
}

static struct uuid admit_resting(size_t trader)
{
    struct floor_order order = market_buy;
    order.trader = trader;
    order.order_type = ORDER_TYPE_LIMIT;
    order.price = order.reserve_price = "100";
    struct uuid id = floor_admit(&floor_, &order, 1, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    return id;
}

/* Holds the executor up in a turn until the exchange has executed the leg that it has, and the rate would let
 * the other one go: then a fill and a claim of one pair meet in the next turn. */
static void run_over_a_pair(size_t other)
{
    enum { UNTIL_THE_NEXT_MAY_GO_MS = 1500 };
    char entry[UUID_TEXT_MAX], states[512];
    const struct floor_order order = bracket_of(0);
    struct uuid resting = admit_resting(other);
    uuid_format(floor_admit(&floor_, &order, 1, true), entry);
    (void)snprintf(states, sizeof(states),
                   "SELECT string_agg(execution_state::text, ' ' ORDER BY order_type) FROM oxe.orders"
                   " WHERE parent_order_id = '%s'",
                   entry);
    floor_await(&floor_, states, "ADMITTED WORKING");

    PGconn *blocker = PQconnectdb(postgres_conninfo(floor_.postgres));
    cr_assert_eq(PQstatus(blocker), CONNECTION_OK);
    PQclear(PQexec(blocker, "BEGIN; SELECT FROM oxe.traders WHERE subject <> 'trader-0' FOR UPDATE"));
    floor_cancel(&floor_, resting, true);
    floor_await(&floor_,
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oxe_executor' AND wait_event_type = "
                "'Lock'",
                "1");
    floor_tell_exchange(&floor_, "price AAPL 139");
    (void)poll(NULL, 0, UNTIL_THE_NEXT_MAY_GO_MS);
    PQclear(PQexec(blocker, "COMMIT"));
    PQfinish(blocker);
    floor_await(&floor_, states, "DONE DONE");
    floor_tell_exchange(&floor_, "price AAPL 150");
    floor_await_order(&floor_, resting, "status", "CANCELLED");
}

Test(claim, a_leg_that_is_claimed_while_the_other_fills_is_over_at_the_exchange_too,
     .init = set_up_with_limit)
{
    enum { BURST = 12, PAIRS = 5 };
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
    (void)floor_admit(&floor_, &market_buy, BURST, true);
    floor_await_quiet(&floor_);
    for (int i = 0; i < PAIRS; i++)
        run_over_a_pair(other_lane());
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.put_aside"), "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(epoch) FROM oxe.lanes"), "1",
                     "no lane was lost on the way");
}
