/* SPDX-License-Identifier: Apache-2.0 */
/* An executor with more open orders than it can read at once, or keep in memory; and instruments that come
 * while it runs. Between a real PostgreSQL and a real exchange-sim. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

enum { ORDERS = 24 };

static struct floor floor_;

static void set_up(void)
{
    floor_begin(&floor_);
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(executor_load, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct floor_order resting_buy = {.symbol = "AAPL",
                                               .side = SIDE_BUY,
                                               .order_type = ORDER_TYPE_LIMIT,
                                               .time_in_force = TIME_IN_FORCE_GTC,
                                               .quantity = 10,
                                               .price = "140",
                                               .reserve_price = "140"};
static const char working[] = "SELECT count(*) FROM oxe.orders WHERE execution_state = 'WORKING'";

static void start_with_room(const char *room)
{
    cr_assert_eq(setenv("OXE_OPEN_ORDERS_MAX", room, 1), 0);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
}

/* How often the first executor's log has told the event. */
static int count_logged(const char *event)
{
    char path[128], line[4096], wanted[64];
    int count = 0;
    (void)snprintf(path, sizeof(path), "%s/executor.log", floor_.directory);
    (void)snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    while (fgets(line, sizeof(line), file) != NULL)
        count += strstr(line, wanted) != NULL;
    (void)fclose(file);
    return count;
}

Test(executor_load, new_orders_wait_while_memory_is_full_and_go_on_when_it_is_not)
{
    start_with_room("16");
    (void)floor_admit(&floor_, &resting_buy, ORDERS, false);
    floor_await(&floor_, working, "12");
    floor_await_probe(&floor_, 0, "/readyz", "more orders are open than OXE_OPEN_ORDERS_MAX");
    cr_expect_not_null(strstr(floor_probe(&floor_, 0, "/readyz"), "HTTP/1.1 200"));
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE execution_state = 'ADMITTED'"), "12");
    floor_tell_exchange(&floor_, "price AAPL 139.00");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    floor_await_probe(&floor_, 0, "/readyz", "\"lanes\":{\"status\":\"ok\"");
    cr_expect_eq(count_logged("lane_crowded"), 1);
    cr_expect_eq(count_logged("lane_has_room"), 1);
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(epoch) FROM oxe.lanes"), "1", "no lane was given up");
}

static void cancel(const char *direction, int count)
{
    floor_sql(&floor_,
              "WITH o AS (UPDATE oxe.orders SET cancel_requested_at = now() WHERE id IN (SELECT order_id FROM"
              " oxe.open_orders ORDER BY order_id %s LIMIT %d) RETURNING *)"
              " INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)"
              " SELECT gen_random_uuid(), lane, id, 'CANCEL', 'test', now() FROM o",
              direction, count);
}

Test(executor_load, orders_that_found_no_room_are_cancelled_once_there_is_some)
{
    start_with_room("1000");
    (void)floor_admit(&floor_, &resting_buy, ORDERS, false);
    floor_await(&floor_, working, "24");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    start_with_room("16");
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE session = 'READY'", "4");
    floor_await_probe(&floor_, 0, "/readyz", "more orders are open than OXE_OPEN_ORDERS_MAX");
    cancel("DESC", 8); /* the list was read from the oldest on */
    floor_await(&floor_, "SELECT count(*) FROM oxe.commands", "0");
    cancel("ASC", 16);
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE status = 'CANCELLED'"),
                     "24");
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(epoch) FROM oxe.lanes"), "2", "no lane was given up");
}

/* The list of open orders as if it were much longer: reading it takes 2.5 ms an order, 7.5 s in all. */
static void read_slowly(void)
{
    floor_sql(&floor_,
              "CREATE FUNCTION oxe.slowly(id uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN"
              " IF current_query() LIKE '%%renumbered%%' THEN PERFORM pg_sleep(0.0025); END IF;"
              " RETURN true; END $$");
    floor_sql(&floor_, "ALTER TABLE oxe.open_orders ENABLE ROW LEVEL SECURITY");
    floor_sql(&floor_,
              "CREATE POLICY slowly ON oxe.open_orders TO oxe_executor USING (oxe.slowly(order_id))");
    floor_sql(&floor_, "GRANT EXECUTE ON FUNCTION oxe.slowly TO oxe_executor");
}

/* Five seconds without one, and another executor ends the session. */
Test(executor_load, whoever_reads_many_orders_gives_signs_of_life)
{
    (void)floor_admit(&floor_, &resting_buy, 3000, false);
    read_slowly();
    start_with_room("100000");
    floor_await(&floor_, "SELECT count(*) FROM oxe.heartbeats WHERE service = 'executor'", "1");
    int64_t began_us = clock_monotonic_us();
    double worst_s = 0;
    while (strcmp(floor_value(&floor_, "SELECT count(*) FROM oxe.lanes WHERE session = 'READY'"), "4") != 0) {
        double age_s = strtod(floor_value(&floor_, "SELECT extract(epoch FROM clock_timestamp() - beat_at)"
                                                   " FROM oxe.heartbeats WHERE service = 'executor'"),
                              NULL);
        worst_s = age_s > worst_s ? age_s : worst_s;
        cr_assert_lt(clock_monotonic_us() - began_us, 60 * INT64_C(1000000));
    }
    cr_expect_gt(clock_monotonic_us() - began_us, 7 * 1000000, "it did not take long");
    cr_expect_lt(worst_s, 4.5, "it was silent for %.1f s", worst_s);
}

Test(executor_load, a_new_instrument_gets_its_price_while_the_lane_stands)
{
    floor_sql(&floor_, "DELETE FROM oxe.instruments WHERE symbol = 'MSFT'");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT string_agg(symbol, ' ') FROM oxe.last_prices", "AAPL");
    floor_sql(&floor_, "INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size, tradable)"
                       " VALUES ('MSFT', 'Microsoft', 0.01, 1, true)");
    floor_await(
        &floor_,
        "SELECT string_agg(symbol || ' ' || trim_scale(price), ', ' ORDER BY symbol) FROM oxe.last_prices",
        "AAPL 150, MSFT 400");
    floor_tell_exchange(&floor_, "price AAPL 151.00");
    floor_await(&floor_, "SELECT trim_scale(price) FROM oxe.last_prices WHERE symbol = 'AAPL'", "151");
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(epoch) FROM oxe.lanes"), "1",
                     "lane 0 did not change hands");
}
