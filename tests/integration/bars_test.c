/* SPDX-License-Identifier: Apache-2.0 */
/* Bars: what the owner of lane 0 keeps of prices and executions,
 * between a real PostgreSQL and a real exchange-sim. */
#include <criterion/criterion.h>
#include <signal.h>

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

static void move_price(const char *command)
{
    struct buffer answer = floor_control(&floor_, command);
    buffer_release(&answer);
}

Test(bars, a_price_is_in_the_bar_of_each_span_and_moves_its_ends, .init = set_up, .fini = tear_down,
     .timeout = 60)
{
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(DISTINCT span) FROM oxe.bars WHERE symbol = 'AAPL'", "4");
    move_price("price AAPL 170");
    floor_await(&floor_, "SELECT DISTINCT close = 170 FROM oxe.bars WHERE symbol = 'AAPL' AND span = '1d'",
                "t");
    move_price("price AAPL 130");
    floor_await(&floor_, "SELECT DISTINCT close = 130 FROM oxe.bars WHERE symbol = 'AAPL' AND span = '1d'",
                "t");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT high = 170 AND low = 130 AND open BETWEEN 140 AND 160 FROM oxe.bars "
                                 "WHERE symbol = 'AAPL' AND span = '1d'"),
                     "t");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT max(high) = 170 AND min(low) = 130 FROM oxe.bars WHERE symbol = "
                                 "'AAPL' AND span = '1m'"),
                     "t", "though a minute may have ended in between");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.bars WHERE starts_at > now()"), "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.bars WHERE span = '1m' AND starts_at <> "
                                          "date_trunc('minute', starts_at)"),
                     "0");
}

/* Fills of the past, of which some are counted already. */
Test(bars, each_execution_is_counted_once, .init = set_up, .fini = tear_down, .timeout = 60)
{
    floor_sql(&floor_, "UPDATE oxe.bars_counted SET upto = now() - interval '1 hour'");
    floor_sql(
        &floor_,
        "INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, status, "
        "execution_state, lane, idempotent_key, fingerprint, actor, filled_quantity, created_at, updated_at) "
        "SELECT '0199f0a5-7d0c-7000-8000-000000000001', id, 'AAPL', 'BUY', 100, 'MARKET', 'DAY', "
        "'CANCELLED', "
        "'DONE', 0, 'k', sha256('x'), 'a', 60, now(), now() FROM oxe.traders LIMIT 1");
    floor_sql(
        &floor_,
        "INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, "
        "venue, "
        "venue_exec_id, \"timestamp\", recorded_at) "
        "SELECT oxe.first_id_at(now() - n * interval '1 min'), '0199f0a5-7d0c-7000-8000-000000000001', t.id, "
        "'AAPL', 'BUY', 10, 100 + n, 'SIM', 'E-' || n, now() - interval '2 days', now() - n * interval '1 "
        "min' "
        "FROM (SELECT id FROM oxe.traders LIMIT 1) t, unnest(ARRAY[90, 75, 50, 40, 30, 20]) n");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT upto > now() - interval '1 min' FROM oxe.bars_counted", "t");
    floor_await(&floor_, "SELECT coalesce(trim_scale(sum(volume)), 0) FROM oxe.bars WHERE span = '1m'", "40");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT count(*) FROM oxe.bars WHERE span = '1m' AND volume = 10 AND "
                                 "open = close AND high = low AND open IN (120, 130, 140, 150)"),
                     "4");
    cr_expect_str_eq(
        floor_value(&floor_,
                    "SELECT string_agg(DISTINCT trim_scale(sum)::text, ' ') FROM (SELECT sum(volume) "
                    "FROM oxe.bars GROUP BY span) s"),
        "40", "in every span as much");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT upto > now() - interval '11 s' FROM oxe.bars_counted", "t");
    cr_expect_str_eq(floor_value(&floor_, "SELECT trim_scale(sum(volume)) FROM oxe.bars WHERE span = '1m'"),
                     "40", "another owner counts none again");
}

Test(bars, what_is_older_than_its_span_is_kept_goes, .init = set_up, .fini = tear_down, .timeout = 60)
{
    floor_sql(&floor_,
              "INSERT INTO oxe.bars SELECT 'AAPL', span, now() - age * interval '1 day' - n * interval '1 "
              "min', 1, 1, 1, "
              "1, 0 FROM (VALUES ('1m', 7), ('5m', 30), ('1h', 366), ('1d', 3660)) AS kept (span, age), "
              "generate_series(-1, 10, 11) n");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.bars"), "8");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.bars WHERE open = 1 AND span IN ('1m', '5m')", "2");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT count(*) FROM oxe.bars WHERE open = 1 AND span IN ('1h', '1d') AND "
                                 "starts_at < now() - interval '1 year'"),
                     "0");
}
