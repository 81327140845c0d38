/* SPDX-License-Identifier: Apache-2.0 */
/* The executor between a real PostgreSQL and a real exchange-sim: orders become fills once, whatever dies.
 *
 * Long: one floor of database, exchange and executor serves all cases. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;

static void set_up(void)
{
    floor_begin(&floor_);
}

static void tear_down(void)
{
    floor_end(&floor_);
}

static void set_up_with_limit(void)
{
    cr_assert_eq(setenv("EXCHANGE_API_RATE_LIMIT", "80", 1), 0);
    floor_begin(&floor_);
}

static void move_price(const char *command)
{
    struct buffer answer = floor_control(&floor_, command);
    buffer_release(&answer);
}

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};

static const char *order_value(const char *column, struct uuid id)
{
    char text[UUID_TEXT_MAX];
    uuid_format(id, text);
    return floor_value(&floor_, "SELECT %s FROM oxe.orders WHERE id = '%s'", column, text);
}

static void await_order(struct uuid id, const char *status)
{
    char query[160], text[UUID_TEXT_MAX];
    uuid_format(id, text);
    (void)snprintf(query, sizeof(query), "SELECT status FROM oxe.orders WHERE id = '%s'", text);
    floor_await(&floor_, query, status);
}

static const char *trail(struct uuid id)
{
    char text[UUID_TEXT_MAX];
    uuid_format(id, text);
    floor_await(&floor_, "SELECT count(*) FROM oxe.outbox", "0");
    return floor_value(&floor_,
                       "SELECT string_agg(action::text, ' ' ORDER BY log_seq) FROM oxe.execution_logs WHERE "
                       "order_id = '%s' AND action <> 'ACKNOWLEDGED'",
                       text);
}

static void expect_acknowledged(struct uuid id, const char *times)
{
    char text[UUID_TEXT_MAX];
    uuid_format(id, text);
    floor_await(&floor_, "SELECT count(*) FROM oxe.outbox", "0");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT count(*) FROM oxe.execution_logs WHERE order_id = '%s' AND action = "
                                 "'ACKNOWLEDGED' AND execution_state = 'WORKING' AND status = 'PENDING'",
                                 text),
                     times);
}

Test(executor, a_market_order_is_filled_booked_and_told, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    await_order(id, "FILLED");
    expect_acknowledged(id, "0");
    cr_expect_str_eq(order_value("execution_state", id), "DONE");
    cr_expect_str_eq(order_value("trim_scale(average_price)", id), "150.01");
    cr_expect_str_eq(order_value("attempts", id), "1");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED FILLED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trim_scale(cash) FROM oxe.traders WHERE subject = 'trader-0'"),
        "9998499.9");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trim_scale(quantity) || ' ' || trim_scale(cost) FROM oxe.positions"
                             " WHERE trader_id = '00000000-0000-7000-8000-000000000000' AND symbol = 'AAPL'"),
        "1010 101500.1");
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT count(*) FROM oxe.execution_logs l JOIN oxe.orders o ON o.id = l.order_id"
            " WHERE l.action = 'FILLED' AND l.actor = 'executor' AND l.trace_id = o.trace_id"
            " AND l.quantity = 10 AND l.price = 150.01 AND l.total_filled = 10 AND l.status = 'FILLED'"),
        "1");
    floor_check(&floor_);
}

Test(executor, a_sale_realizes_its_profit, .init = set_up, .fini = tear_down)
{
    struct floor_order sell = {.trader = 1,
                               .symbol = "AAPL",
                               .side = SIDE_SELL,
                               .order_type = ORDER_TYPE_LIMIT,
                               .time_in_force = TIME_IN_FORCE_IOC,
                               .quantity = 100,
                               .price = "149.99"};
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    await_order(floor_admit(&floor_, &sell, 1, true), "FILLED");
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT trim_scale(quantity) || ' ' || trim_scale(cost) || ' ' || trim_scale(realized_pnl)"
            " FROM oxe.positions WHERE trader_id = '00000000-0000-7000-8000-000000000001'"),
        "900 90000 4999", "100 that cost 100 each were sold at 149.99");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trading_day IS NOT NULL FROM oxe.traders WHERE subject = 'trader-1'"),
        "t", "the executor rolls the day");
    floor_check(&floor_);
}

Test(executor, a_resting_order_keeps_its_reservation_until_the_price_comes, .init = set_up, .fini = tear_down)
{
    struct floor_order limit = market_buy;
    limit.order_type = ORDER_TYPE_LIMIT;
    limit.price = limit.reserve_price = "140";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &limit, 1, true);
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "WORKING");
    expect_acknowledged(id, "1");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trim_scale(reserved) FROM oxe.traders WHERE subject = 'trader-0'"),
        "1400");
    floor_check(&floor_);
    move_price("price AAPL 139.00");
    await_order(id, "FILLED");
    floor_check(&floor_);
}

/* Operations corrects a position while its order fills: neither is lost, and the lane stays. */
Test(executor, a_position_that_moves_meanwhile_is_counted_again, .init = set_up, .fini = tear_down)
{
    static const char epochs[] = "SELECT sum(epoch) FROM oxe.lanes";
    struct floor_order limit = market_buy;
    limit.order_type = ORDER_TYPE_LIMIT;
    limit.price = limit.reserve_price = "140";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &limit, 1, true);
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "WORKING");
    char epoch[32];
    (void)snprintf(epoch, sizeof(epoch), "%s", floor_value(&floor_, epochs));
    PGconn *hand = PQconnectdb(postgres_conninfo(floor_.postgres));
    cr_assert_eq(PQstatus(hand), CONNECTION_OK);
    PQclear(PQexec(hand, "BEGIN; UPDATE oxe.positions SET quantity = quantity + 1,"
                         " opening_quantity = opening_quantity + 1"));
    move_price("price AAPL 139.00");
    floor_await(&floor_,
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oxe_executor' AND wait_event_type = "
                "'Lock'",
                "1");
    PQclear(PQexec(hand, "COMMIT"));
    PQfinish(hand);
    await_order(id, "FILLED");
    cr_expect_str_eq(floor_value(&floor_, epochs), epoch, "the lanes were lost");
    floor_check(&floor_);
}

Test(executor, a_stop_waits_for_its_trigger, .init = set_up, .fini = tear_down)
{
    struct floor_order stop = market_buy;
    stop.order_type = ORDER_TYPE_STOP;
    stop.price = "160";
    stop.reserve_price = "168";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &stop, 1, true);
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "WORKING");
    cr_expect_str_eq(order_value("status", id), "PENDING");
    move_price("price AAPL 161.00");
    await_order(id, "FILLED");
    floor_check(&floor_);
}

Test(executor, what_the_exchange_refuses_is_rejected_and_its_reservation_released, .init = set_up,
     .fini = tear_down)
{
    struct floor_order gone = market_buy;
    gone.symbol = "GONE";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &gone, 1, true);
    await_order(id, "REJECTED");
    cr_expect_str_eq(order_value("reason", id), "EXCHANGE_REJECTED");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED REJECTED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trim_scale(reserved) FROM oxe.traders WHERE subject = 'trader-0'"), "0");
    floor_check(&floor_);
}

Test(executor, the_rest_of_an_ioc_order_is_cancelled, .init = set_up, .fini = tear_down)
{
    struct floor_order ioc = market_buy;
    ioc.order_type = ORDER_TYPE_LIMIT;
    ioc.time_in_force = TIME_IN_FORCE_IOC;
    ioc.price = ioc.reserve_price = "100";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &ioc, 1, true);
    await_order(id, "CANCELLED");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED CANCELLED");
    floor_check(&floor_);
}

Test(executor, a_day_order_past_its_day_is_never_sent, .init = set_up, .fini = tear_down)
{
    struct floor_order late = market_buy;
    late.expires_in_ms = -1;
    struct uuid id = floor_admit(&floor_, &late, 1, true);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    await_order(id, "EXPIRED");
    cr_expect_str_eq(order_value("attempts", id), "0");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXPIRED");
    floor_check(&floor_);
}

static const struct floor_order day_limit = {.symbol = "AAPL",
                                             .side = SIDE_BUY,
                                             .order_type = ORDER_TYPE_LIMIT,
                                             .time_in_force = TIME_IN_FORCE_DAY,
                                             .quantity = 10,
                                             .price = "149",
                                             .reserve_price = "149"};

static void await_working(struct uuid id)
{
    floor_await_order(&floor_, id, "execution_state", "WORKING");
}

/* The exchange got it in the day after, or so it looks to who takes the lane over. */
Test(executor, a_day_order_that_outlives_its_day_is_cancelled_at_the_exchange, .init = set_up,
     .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &day_limit, 1, true);
    await_working(id);
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_sql(&floor_, "UPDATE oxe.orders SET expires_at = now() - interval '1 hour', next_check_at = now()");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    await_order(id, "CANCELLED");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT reason FROM oxe.execution_logs WHERE action = 'CANCEL_REQUESTED'"),
        "DAY_ENDED");
    floor_check(&floor_);
}

Test(executor, the_first_fill_of_a_day_begins_it_with_what_was_held_before, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &day_limit, 1, true);
    await_working(id);
    floor_await(&floor_, "SELECT count(*) FROM oxe.last_prices", "2");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_sql(&floor_, "DELETE FROM oxe.day_prices");
    floor_sql(&floor_, "UPDATE oxe.traders SET trading_day = DATE '2026-01-02', day_start_equity = 1 WHERE "
                       "subject = 'trader-0'");
    floor_sql(&floor_, "UPDATE oxe.last_prices SET price = 151 WHERE symbol = 'AAPL'");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    move_price("price AAPL 148");
    await_order(id, "FILLED");
    /* At whichever price had arrived when the day began; the fill itself is none of it. */
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT trim_scale(t.day_start_equity - 1000 * p.price) FROM oxe.traders t JOIN "
            "oxe.day_prices p ON p.trading_day = t.trading_day AND p.symbol = 'AAPL' WHERE t.subject = "
            "'trader-0'"),
        "10000000");
    floor_check(&floor_);
}

Test(executor, a_push_wakes_the_lane_and_the_sweep_needs_none, .init = set_up, .fini = tear_down)
{
    enum { ORDERS = 10 };
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    await_order(floor_admit(&floor_, &market_buy, 1, false), "FILLED");
    int64_t began_us = clock_monotonic_us();
    for (int i = 0; i < ORDERS; i++)
        await_order(floor_admit(&floor_, &market_buy, 1, true), "FILLED");
    /* Each is admitted after the one before it was filled: the
     * sweep alone, once a second, would take ten seconds. */
    cr_expect_lt(clock_monotonic_us() - began_us, 5 * 1000000);
    floor_check(&floor_);
}

Test(executor, prices_of_the_exchange_are_kept, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(
        &floor_,
        "SELECT string_agg(symbol || ' ' || trim_scale(price), ', ' ORDER BY symbol) FROM oxe.last_prices",
        "AAPL 150, MSFT 400");
    move_price("price MSFT 401.50");
    floor_await(&floor_, "SELECT trim_scale(price) FROM oxe.last_prices WHERE symbol = 'MSFT'", "401.5");
}

Test(executor, a_price_that_stands_still_is_confirmed, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.last_prices", "2");
    floor_sql(&floor_, "UPDATE oxe.last_prices SET updated_at = now() - interval '1 hour'");
    floor_await(
        &floor_,
        "SELECT count(*) FROM oxe.last_prices WHERE updated_at > now() - interval '1 minute' AND price IN "
        "(150, 400)",
        "2");
}

/* The night's gap belongs to the day that follows it. */
Test(executor, a_day_begins_at_the_prices_that_closed_the_day_before, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.last_prices", "2");
    floor_sql(&floor_, "UPDATE oxe.traders SET trading_day = DATE '2026-01-02', day_start_equity = 1");
    floor_sql(&floor_, "DELETE FROM oxe.day_prices");
    move_price("price AAPL 120");
    floor_await(&floor_, "SELECT trim_scale(price) FROM oxe.last_prices WHERE symbol = 'AAPL'", "120");
    cr_expect_str_eq(
        floor_value(&floor_,
                    "SELECT string_agg(symbol || ' ' || trim_scale(price), ', ' ORDER BY symbol) FROM "
                    "oxe.day_prices"),
        "AAPL 150, MSFT 400");
    await_order(floor_admit(&floor_, &market_buy, 1, true), "FILLED");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT trim_scale(day_start_equity) FROM oxe.traders WHERE subject = "
                                 "'trader-0'"),
                     "10150000", "1,000 AAPL at 150");
    floor_check(&floor_);
}

/* Buys and sells of all traders, some of them resting or refused. */
static void admit_many(int rounds)
{
    struct floor_order sell = {.symbol = "AAPL",
                               .side = SIDE_SELL,
                               .order_type = ORDER_TYPE_LIMIT,
                               .time_in_force = TIME_IN_FORCE_GTC,
                               .quantity = 3,
                               .price = "149"};
    struct floor_order gone = market_buy;
    gone.symbol = "GONE";
    for (int i = 0; i < rounds; i++) {
        for (size_t trader = 0; trader < FLOOR_TRADERS; trader++) {
            struct floor_order buy = market_buy;
            buy.trader = sell.trader = gone.trader = trader;
            (void)floor_admit(&floor_, &buy, 2, true);
            (void)floor_admit(&floor_, &sell, 2, trader % 2 == 0);
        }
        (void)floor_admit(&floor_, &gone, 1, true);
    }
}

Test(executor, nothing_is_lost_or_executed_twice_when_the_executor_is_killed, .init = set_up,
     .fini = tear_down, .timeout = 120)
{
    enum { KILLS = 8 };
    int interrupted = 0;
    for (int i = 0; i < KILLS; i++) {
        admit_many(8);
        floor_start_executor(&floor_, 0, FLOOR_LANES);
        floor_await(
            &floor_,
            "SELECT count(*) > 0 FROM oxe.orders JOIN oxe.open_orders ON id = order_id WHERE attempts > 0",
            "t");
        (void)poll(NULL, 0, 2 * (i % 4));
        cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
        interrupted +=
            strcmp(floor_value(&floor_,
                               "SELECT count(*) > 0 FROM oxe.open_orders JOIN oxe.orders ON id = order_id"
                               " WHERE execution_state <> 'ADMITTED'"),
                   "t") == 0;
    }
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_gt(interrupted, 0, "no kill came while orders were at the exchange");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE symbol = 'AAPL' AND status <> 'FILLED'"),
        "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.put_aside"), "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE symbol = 'GONE'"
                                          " AND reason IS DISTINCT FROM 'EXCHANGE_REJECTED'"),
                     "0");
}

Test(executor, a_database_that_crashes_in_the_middle_costs_nothing, .init = set_up, .fini = tear_down,
     .timeout = 120)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    for (int i = 0; i < 2; i++) {
        admit_many(4);
        postgres_crash(floor_.postgres);
        cr_assert_eq(postgres_resume(floor_.postgres), 0);
        PQreset(floor_.sql);
        cr_assert_eq(PQstatus(floor_.sql), CONNECTION_OK);
    }
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(executor, executors_share_the_lanes_and_hand_them_over, .init = set_up, .fini = tear_down,
     .timeout = 120)
{
    static const char owners[] =
        "SELECT string_agg(n::text, ' ' ORDER BY owner) FROM (SELECT owner, count(*) AS n"
        " FROM oxe.lanes WHERE owner IS NOT NULL GROUP BY owner) AS held";
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, owners, "4");
    floor_start_executor(&floor_, 1, FLOOR_LANES);
    admit_many(4);
    floor_await(&floor_, owners, "2 2");
    admit_many(4);
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_await(&floor_, owners, "4");
    cr_expect_str_eq(floor_value(&floor_, "SELECT string_agg(DISTINCT owner, ' ') FROM oxe.lanes"), "1");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE attempts > 1"), "0",
                     "a drained lane leaves nothing to send again");
}

Test(executor, fewer_lanes_than_exist_are_refused, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_start_executor(&floor_, 0, FLOOR_LANES - 1);
    cr_expect_eq(floor_stop_executor(&floor_, 0, 0), 1, "it ends by itself");
}

Test(executor, orders_past_the_rate_wait_and_are_not_refused, .init = set_up_with_limit, .fini = tear_down)
{
    enum { ORDERS = 6 }; /* of one lane, whose share of 80 a minute is 20: 4 at once, then one each 3 s */
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    (void)floor_admit(&floor_, &market_buy, ORDERS, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.orders WHERE status = 'FILLED'", "6");
    floor_check(&floor_);
    /* When each was claimed, after the first: */
    static const char waits[] =
        "SELECT extract(epoch FROM \"timestamp\" - min(\"timestamp\") OVER ())"
        " FROM oxe.execution_logs WHERE action = 'EXECUTED' ORDER BY log_seq OFFSET %d";
    double fourth_s = strtod(floor_value(&floor_, waits, 3), NULL);
    double fifth_s = strtod(floor_value(&floor_, waits, 4), NULL);
    double sixth_s = strtod(floor_value(&floor_, waits, 5), NULL);
    cr_expect_lt(fourth_s, 2.5, "four may go at once: %.1f s", fourth_s);
    cr_expect_geq(fifth_s, 2.9, "%.1f s", fifth_s);
    cr_expect_geq(sixth_s, 5.9, "%.1f s", sixth_s);
}

/* A BUY of 10 that rests at 140. */
static struct uuid admit_resting(void)
{
    struct floor_order limit = market_buy;
    limit.order_type = ORDER_TYPE_LIMIT;
    limit.price = limit.reserve_price = "140";
    return floor_admit(&floor_, &limit, 1, true);
}

Test(executor, more_than_was_asked_for_counts_and_halts_the_symbol, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = admit_resting();
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "WORKING");
    /* Behind the executor's back the order becomes smaller than what the exchange works. */
    floor_sql(&floor_, "UPDATE oxe.orders SET quantity = 4");
    floor_sql(&floor_, "UPDATE oxe.positions SET open_buy = 4 WHERE open_buy <> 0");
    move_price("price AAPL 139.00");
    await_order(id, "FILLED");
    cr_expect_str_eq(floor_value(&floor_, "SELECT flag || ' ' || trim_scale(quantity_filled) FROM oxe.fills"),
                     "OVERFILL 10");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT scope || ' ' || symbol || ' ' || created_by FROM oxe.halts"),
        "SYMBOL AAPL executor");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED FILLED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT symbol || ' ' || actor FROM oxe.execution_logs WHERE action = 'HALTED'"),
        "AAPL executor");
    floor_check(&floor_);
}

Test(executor, what_the_exchange_repeats_changes_nothing, .init = set_up, .fini = tear_down, .timeout = 120)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    admit_many(2);
    floor_await_quiet(&floor_);
    struct uuid id = admit_resting();
    await_order(id, "PENDING");
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders JOIN oxe.open_orders ON id = order_id",
                "WORKING");
    floor_check(&floor_);
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    char before[64];
    (void)snprintf(before, sizeof(before), "%s",
                   floor_value(&floor_, "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM oxe.orders o"));
    /* As if nothing had been committed: the exchange repeats
     * every report. One fill is not what it says it was. */
    floor_sql(&floor_, "UPDATE oxe.lanes SET in_seq = 0");
    floor_sql(&floor_, "UPDATE oxe.fills SET price_at_fill = price_at_fill + 1 WHERE id = (SELECT "
                       "min(id::text)::uuid FROM oxe.fills)");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT string_agg(kind, ' ') FROM oxe.put_aside", "DUPLICATE_DIFFERS");
    floor_sql(&floor_, "UPDATE oxe.fills SET price_at_fill = price_at_fill - 1 WHERE id = (SELECT "
                       "min(id::text)::uuid FROM oxe.fills)");
    floor_await(&floor_, "SELECT min(in_seq) > 0 FROM oxe.lanes", "t");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM oxe.orders o"), before);
    floor_check(&floor_);
    move_price("price AAPL 139.00");
    await_order(id, "FILLED");
    floor_check(&floor_);
}

Test(executor, an_execution_that_was_never_told_puts_the_order_in_doubt, .init = set_up, .fini = tear_down)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = admit_resting();
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "WORKING");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    move_price("price AAPL 139.00");
    /* As if the exchange's report had been lost for good: all its numbers count as seen. */
    CLEANUP(buffer_release) struct buffer sessions = floor_control(&floor_, "sessions");
    floor_sql(&floor_,
              "UPDATE oxe.lanes SET in_seq = (s::json->>'next_out')::bigint - 1"
              " FROM unnest(string_to_array(rtrim('%s', E'\\n'), E'\\n')) AS s"
              " WHERE s::json->>'client' = 'OXE-L' || lane",
              sessions.data);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT execution_state FROM oxe.orders", "IN_DOUBT");
    cr_expect_str_eq(order_value("status", id), "PENDING");
    cr_expect_str_eq(order_value("trim_scale(reserved)", id), "1400", "what may be executed stays reserved");
    cr_expect_str_eq(trail(id), "SUBMITTED APPROVED EXECUTED IN_DOUBT");
}

Test(executor, a_connection_that_ends_gives_the_lanes_up_and_takes_them_anew, .init = set_up,
     .fini = tear_down, .timeout = 120)
{
    enum { CUTS = 4 };
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT min(epoch) FROM oxe.lanes HAVING count(*) = 4", "1");
    for (int i = 0; i < CUTS; i++) {
        char query[96];
        admit_many(4);
        floor_sql(&floor_,
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oxe_executor'");
        (void)snprintf(query, sizeof(query), "SELECT min(epoch) >= %d FROM oxe.lanes", i + 2);
        floor_await(&floor_, query, "t");
    }
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}
