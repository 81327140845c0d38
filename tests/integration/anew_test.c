/* SPDX-License-Identifier: Apache-2.0 */
/* A decision ages: what waited too long, or what its reservation pays for no longer, is decided anew before
 * it goes out. Between a real PostgreSQL and a real exchange-sim. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trading_floor.h"

static struct floor floor_;

static void set_up_with(const char *age)
{
    cr_assert_eq(setenv("OXE_DECISION_MAX_AGE", age, 1), 0);
    cr_assert_eq(setenv("OXE_PRICE_MAX_AGE", "10s", 1), 0);
    floor_begin(&floor_);
    floor_sql(&floor_,
              "UPDATE oxe.traders SET cash = 20000, opening_cash = 20000 WHERE subject = 'trader-0'");
}

static void set_up(void)
{
    set_up_with("200ms");
}

static void set_up_without_age(void)
{
    set_up_with("0s");
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(anew, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 125,
                                              .reserve_price = "157.5"};

static void start(void)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.last_prices WHERE symbol = 'AAPL'", "1");
}

/* Admitted while no executor is there; it starts when the decision is old. */
static struct uuid admit_before(const struct floor_order *order, const char *price)
{
    char command[64];
    start();
    cr_assert_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    struct uuid id = floor_admit(&floor_, order, 1, false);
    (void)snprintf(command, sizeof(command), "price AAPL %s", price);
    floor_tell_exchange(&floor_, command);
    floor_await_order(&floor_, id, "clock_timestamp() - created_at > '200 ms'", "t");
    return id;
}

static const char *message(struct uuid id, const char *action)
{
    char text[UUID_TEXT_MAX];
    uuid_format(id, text);
    floor_await(&floor_, "SELECT count(*) FROM oxe.outbox", "0");
    return floor_value(
        &floor_,
        "SELECT regexp_replace(message, 'after [0-9.]+ s', 'after a while') FROM oxe.execution_logs"
        " WHERE order_id = '%s' AND action = '%s'",
        text, action);
}

static void expect_cancelled(struct uuid id, const char *reason)
{
    floor_await_order(&floor_, id, "concat_ws(' ', status, execution_state, attempts, reserved, reason)",
                      reason);
    cr_expect_str_eq(floor_trail(&floor_, id), "SUBMITTED APPROVED CANCELLED");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

#define MONEY "SELECT concat_ws(' ', cash, reserved, open_orders) FROM oxe.traders WHERE subject = 'trader-0'"

Test(anew, an_order_whose_price_has_run_away_is_cancelled_with_the_numbers)
{
    struct uuid id = admit_before(&market_buy, "180");
    cr_expect_str_eq(floor_value(&floor_, MONEY), "20000.00000000 19687.50000000 1");
    start();
    expect_cancelled(id, "CANCELLED DONE 0 0.00000000 INSUFFICIENT_BUYING_POWER");
    cr_expect_str_eq(floor_value(&floor_, MONEY), "20000.00000000 0.00000000 0");
    const char *text = message(id, "CANCELLED");
    cr_expect_not_null(strstr(text, "Decided anew after a while: The order costs 236"), "%s", text);
    cr_expect_not_null(strstr(text, "the buying power is 20000;"), "%s", text);
}

Test(anew, an_order_that_can_still_be_paid_reserves_todays_price_and_goes_out)
{
    struct uuid id = admit_before(&market_buy, "151.5");
    floor_sql(
        &floor_,
        "UPDATE oxe.traders SET trading_day = '2999-01-01', daily_notional = 18750, max_daily_notional = 1");
    start();
    floor_await_order(&floor_, id, "concat_ws(' ', status, attempts, reserved, reserve_price > 157.5)",
                      "FILLED 1 0.00000000 t");
    cr_expect_str_eq(floor_trail(&floor_, id), "SUBMITTED APPROVED EXECUTED FILLED");
    const char *text = message(id, "EXECUTED");
    cr_expect_not_null(strstr(text, "Decided anew after a while: it reserves 198"), "%s", text);
    cr_expect_not_null(strstr(text, " instead of 19687.5"), "%s", text);
    cr_expect_str_eq(floor_value(&floor_, "SELECT reserved FROM oxe.traders WHERE subject = 'trader-0'"),
                     "0.00000000");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT daily_notional FROM oxe.traders WHERE subject = 'trader-0'"),
        "18750.00000000", "it was counted when it was admitted");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(anew, a_sale_of_what_is_gone_is_cancelled)
{
    struct floor_order sale = market_buy;
    sale.side = SIDE_SELL;
    sale.reserve_price = NULL;
    floor_sql(&floor_, "UPDATE oxe.traders SET short_selling = false");
    struct uuid id = admit_before(&sale, "150");
    floor_sql(&floor_, "UPDATE oxe.positions SET quantity = 124, opening_quantity = 124, cost = 12400");
    start();
    expect_cancelled(id, "CANCELLED DONE 0 0.00000000 INSUFFICIENT_POSITION");
    cr_expect_not_null(strstr(message(id, "CANCELLED"), "Of AAPL, 124 is left to sell"));
}

/* Nobody tells its price any longer. */
Test(anew, an_order_at_the_market_waits_for_a_price_and_is_cancelled_without_one)
{
    struct floor_order gone = market_buy;
    gone.symbol = "GONE";
    floor_sql(&floor_, "INSERT INTO oxe.last_prices (symbol, price, updated_at) VALUES ('GONE', 150, now())");
    struct uuid id = admit_before(&gone, "150");
    start();
    expect_cancelled(id, "CANCELLED DONE 0 0.00000000 STALE_PRICE");
}

Test(anew, an_order_that_was_held_is_decided_anew_when_it_is_free)
{
    start();
    floor_sql(&floor_, "INSERT INTO oxe.halts (id, scope, reason, created_by, created_at) VALUES "
                       "(gen_random_uuid(), 'ALL', 'a test', 'test', now())");
    struct floor_order small = market_buy;
    small.quantity = 10;
    struct uuid poor = floor_admit(&floor_, &market_buy, 1, true);
    struct uuid good = floor_admit(&floor_, &small, 1, true);
    small.trader = 1;
    struct uuid other = floor_admit(&floor_, &small, 1, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.orders WHERE reason = 'TRADING_HALTED'", "3");
    floor_sql(&floor_, "UPDATE oxe.traders SET cash = 2000, opening_cash = 2000, day_start_equity = 150000"
                       " WHERE subject = 'trader-0'");
    floor_await_order(&floor_, other, "clock_timestamp() - created_at > '200 ms'", "t");
    floor_sql(&floor_, "DELETE FROM oxe.halts");
    expect_cancelled(poor, "CANCELLED DONE 0 0.00000000 INSUFFICIENT_BUYING_POWER");
    floor_await_order(&floor_, good, "status", "FILLED");
    floor_await_order(&floor_, other, "status", "FILLED");
    floor_check(&floor_);
}

/* Admission holds the trader while the order is to be decided anew: the second one counts. */
Test(anew, an_admission_at_the_same_moment_is_counted)
{
    struct floor_order resting = market_buy;
    resting.order_type = ORDER_TYPE_LIMIT;
    resting.quantity = 50;
    resting.price = resting.reserve_price = "140";
    floor_sql(&floor_,
              "UPDATE oxe.traders SET cash = 26000, opening_cash = 26000 WHERE subject = 'trader-0'");
    struct uuid id = admit_before(&market_buy, "150");
    /* Of risk-manager's lock_traders.sql. */
    floor_sql(&floor_, "BEGIN; SELECT pg_advisory_xact_lock(5199937, uuid_hash(id)) FROM oxe.traders"
                       " WHERE subject = 'trader-0'");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
    struct uuid second = floor_admit(&floor_, &resting, 1, true); /* commits it all */
    floor_await_order(&floor_, id, "concat_ws(' ', status, reason)", "CANCELLED INSUFFICIENT_BUYING_POWER");
    const char *text = message(id, "CANCELLED");
    cr_expect_not_null(strstr(text, "the buying power is 19000;"), "%s", text);
    floor_await_order(&floor_, second, "execution_state", "WORKING");
    floor_cancel(&floor_, second, true);
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(anew, a_young_claim_waits_for_no_lock_of_its_trader, .init = set_up_without_age)
{
    start();
    cr_assert_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    struct uuid id = floor_admit(&floor_, &market_buy, 1, false);
    PGconn *blocker = PQconnectdb(postgres_conninfo(floor_.postgres));
    cr_assert_eq(PQstatus(blocker), CONNECTION_OK);
    PQclear(PQexec(blocker,
                   "BEGIN; SELECT FROM oxe.traders FOR NO KEY UPDATE; SELECT FROM oxe.positions FOR UPDATE"));
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    PQclear(PQexec(blocker, "COMMIT"));
    PQfinish(blocker);
    floor_await_order(&floor_, id, "status", "FILLED");
    cr_expect_str_eq(message(id, "EXECUTED"), "");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(anew, what_its_reservation_does_not_cover_is_decided_anew_however_young, .init = set_up_without_age)
{
    struct floor_order cheap = market_buy, short_sale = market_buy, covered = market_buy;
    cheap.reserve_price = "149.99";
    short_sale.trader = covered.trader = 1;
    short_sale.symbol = "MSFT";
    short_sale.side = SIDE_SELL;
    short_sale.quantity = 10;
    short_sale.reserve_price = "199.99"; /* half of the price is what the margin takes */
    start();
    struct uuid ids[] = {floor_admit(&floor_, &cheap, 1, true), floor_admit(&floor_, &short_sale, 1, true),
                         floor_admit(&floor_, &covered, 1, true)};
    static const char *const texts[] = {"it reserves 196", "it reserves 23", ""};
    for (size_t i = 0; i < 3; i++) {
        floor_await_order(&floor_, ids[i], "status", "FILLED");
        const char *text = message(ids[i], "EXECUTED");
        cr_expect(*texts[i] == '\0' ? *text == '\0' : strstr(text, texts[i]) != NULL, "%zu: %s", i, text);
    }
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}
