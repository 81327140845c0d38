/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes that change their owner: death, a frozen owner, a lost database, executors that come and go. Between
 * a real PostgreSQL and a real exchange-sim; the exchange's heartbeat is the default of 2 s. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

enum { TAKEOVER_MAX_US = 5000000, FREEZE_MAX_US = 15000000 };

static struct floor floor_;

static void set_up(void)
{
    floor_begin(&floor_);
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(takeover, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};

/* One order of each trader, so that every lane has some. */
static void admit_everywhere(int count, bool push)
{
    for (size_t trader = 0; trader < FLOOR_TRADERS; trader++) {
        struct floor_order buy = market_buy;
        buy.trader = trader;
        (void)floor_admit(&floor_, &buy, count, push);
    }
}

static void start_executors(size_t count)
{
    for (size_t i = 0; i < count; i++)
        floor_start_executor(&floor_, i, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner IS NOT NULL", "4");
    admit_everywhere(1, false);
    floor_await_quiet(&floor_);
}

static void expect_all_filled(void)
{
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE status <> 'FILLED'"), "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.put_aside"), "0");
}

static size_t owner_of_a_lane(void)
{
    return strtoul(
        floor_value(&floor_, "SELECT owner FROM oxe.lanes WHERE owner IS NOT NULL ORDER BY lane LIMIT 1"),
        NULL, 10);
}

Test(takeover, lanes_of_a_killed_executor_trade_again_within_five_seconds)
{
    enum { KILLS = 3 };
    start_executors(FLOOR_EXECUTORS_MAX);
    for (int i = 0; i < KILLS; i++) {
        size_t victim = owner_of_a_lane();
        admit_everywhere(2, true); /* some are on their way when it dies */
        cr_expect_eq(floor_stop_executor(&floor_, victim, SIGKILL), 128 + SIGKILL);
        int64_t began_us = clock_monotonic_us();
        admit_everywhere(1, true);
        floor_await_quiet(&floor_);
        int64_t took_us = clock_monotonic_us() - began_us;
        cr_expect_lt(took_us, TAKEOVER_MAX_US, "kill %d: %lld ms", i, (long long)took_us / 1000);
        floor_start_executor(&floor_, victim, FLOOR_LANES);
        floor_await(&floor_,
                    "SELECT count(*) FROM oxe.heartbeats WHERE service = 'executor' AND beat_at > now() - "
                    "interval '1 second'",
                    "3");
    }
    expect_all_filled();
}

Test(takeover, the_only_executor_killed_goes_on_when_it_is_started_again)
{
    start_executors(1);
    admit_everywhere(2, true);
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    int64_t began_us = clock_monotonic_us();
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    admit_everywhere(1, true);
    expect_all_filled();
    cr_expect_lt(clock_monotonic_us() - began_us, TAKEOVER_MAX_US);
}

Test(takeover, a_frozen_owner_loses_its_lanes_and_starts_anew_when_it_thaws)
{
    start_executors(2);
    size_t frozen = owner_of_a_lane(), other = 1 - frozen;
    char query[128];
    (void)poll(NULL, 0, 7000); /* who judges by signs of life must have shown some itself */
    cr_expect_eq(kill(floor_.executors[frozen], SIGSTOP), 0);
    int64_t began_us = clock_monotonic_us();
    admit_everywhere(2, true);
    expect_all_filled();
    int64_t took_us = clock_monotonic_us() - began_us;
    cr_expect_lt(took_us, FREEZE_MAX_US, "%lld ms", (long long)took_us / 1000);
    (void)snprintf(query, sizeof(query), "SELECT count(*) FROM oxe.lanes WHERE owner = '%zu'", other);
    cr_expect_str_eq(floor_value(&floor_, "%s", query), "4");
    admit_everywhere(1, true);
    cr_expect_eq(kill(floor_.executors[frozen], SIGCONT), 0);
    admit_everywhere(2, true);
    floor_await(&floor_, query, "2");
    admit_everywhere(1, true);
    expect_all_filled();
}

Test(takeover, an_owner_frozen_for_a_moment_keeps_its_lanes)
{
    start_executors(2);
    size_t frozen = owner_of_a_lane();
    char before[64];
    (void)poll(NULL, 0, 7000);
    (void)snprintf(before, sizeof(before), "%s",
                   floor_value(&floor_, "SELECT string_agg(epoch::text, ' ' ORDER BY lane) FROM oxe.lanes"));
    cr_expect_eq(kill(floor_.executors[frozen], SIGSTOP), 0);
    (void)poll(NULL, 0, 2000);
    cr_expect_eq(kill(floor_.executors[frozen], SIGCONT), 0);
    admit_everywhere(2, true);
    expect_all_filled();
    cr_expect_str_eq(floor_value(&floor_, "SELECT string_agg(epoch::text, ' ' ORDER BY lane) FROM oxe.lanes"),
                     before);
}

Test(takeover, executors_come_and_go_while_orders_flow)
{
    start_executors(1);
    for (size_t i = 1; i < FLOOR_EXECUTORS_MAX; i++) {
        floor_start_executor(&floor_, i, FLOOR_LANES);
        admit_everywhere(3, true);
        floor_await(&floor_,
                    i == 1
                        ? "SELECT string_agg(n::text, ' ') FROM (SELECT count(*) AS n FROM oxe.lanes GROUP "
                          "BY owner) AS held"
                        : "SELECT count(*) FROM oxe.heartbeats WHERE service = 'executor' AND beat_at > "
                          "now() - interval '2 seconds'",
                    i == 1 ? "2 2" : "3");
    }
    for (size_t i = FLOOR_EXECUTORS_MAX - 1; i > 0; i--) {
        admit_everywhere(3, true);
        cr_expect_eq(floor_stop_executor(&floor_, i, SIGTERM), 0);
    }
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
    expect_all_filled();
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE attempts > 1"), "0",
                     "what is handed over is not sent again");
}

Test(takeover, a_database_that_is_away_is_waited_for)
{
    start_executors(2);
    admit_everywhere(2, true);
    postgres_crash(floor_.postgres);
    (void)poll(NULL, 0, 3000);
    cr_assert_eq(postgres_resume(floor_.postgres), 0);
    PQreset(floor_.sql);
    cr_assert_eq(PQstatus(floor_.sql), CONNECTION_OK);
    int64_t began_us = clock_monotonic_us();
    admit_everywhere(1, true);
    expect_all_filled();
    cr_expect_lt(clock_monotonic_us() - began_us, 2 * TAKEOVER_MAX_US);
}
