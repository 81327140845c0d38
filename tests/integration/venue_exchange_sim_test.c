/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX adapter against exchange-sim: two implementations of the protocol that share no code. The market
 * stands still: one bid of 1000 at 149.99, one offer of 1000 at 150.01. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/executor/venue.h"
#include "tests/support/port.h"
#include "tests/support/venue_peer.h"

enum { TEXT_MAX = 128 };

static char directory[] = "/tmp/oxe-venue-sim-XXXXXX";
static char listen_at[TEXT_MAX], control_at[TEXT_MAX], probe_at[TEXT_MAX], data[TEXT_MAX],
    instruments[TEXT_MAX];
static const char still[] = "OXE_SIM_VOLATILITY_BP=0";
static int port;
static pid_t exchange;
static struct venue_peer_log venue_log;
static const struct venue_ops *ops;
static struct venue *venue;

static void start_exchange(const char *volatility)
{
    const char *program = getenv("OXE_EXCHANGE_SIM_BINARY");

    cr_assert_not_null(program, "OXE_EXCHANGE_SIM_BINARY names the program");
    exchange = venue_peer_start((const char *const[]){program, NULL},
                                (const char *const[]){listen_at, control_at, probe_at, data, instruments,
                                                      "OXE_SIM_LEVELS=1", volatility, "OXE_SIM_STEP=10ms",
                                                      "OXE_SIM_PUBLISH=100ms", NULL});
    venue_peer_await_port(port);
}

static void write_instruments(const char *path)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    (void)fputs("symbol,name,tick_size,lot_size,tradable,price\nAAPL,Apple,0.01,1,true,150.00\n"
                "MSFT,Microsoft,0.01,1,true,400.00\n",
                file);
    (void)fclose(file);
}

static void create_venue(void)
{
    struct venue_fix_config config = {
        .host = "127.0.0.1",
        .port = port,
        .sender_prefix = "OXE-L",
        .target_comp_id = "SIM",
        .heartbeat_seconds = 2,
        .reconnect_seconds = 1,
        .name = "SIM",
    };

    cr_assert_eq(venue_fix_create(&config, &ops, &venue), 0);
    venue_log.ops = ops;
    venue_log.venue = venue;
}

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(directory));
    port = port_free();
    (void)snprintf(listen_at, sizeof listen_at, "OXE_SIM_LISTEN=127.0.0.1:%d", port);
    (void)snprintf(control_at, sizeof control_at, "OXE_SIM_CONTROL_LISTEN=127.0.0.1:%d", port_free());
    (void)snprintf(probe_at, sizeof probe_at, "OXE_PROBE_LISTEN=127.0.0.1:%d", port_free());
    (void)snprintf(data, sizeof data, "OXE_SIM_DATA=%s/data", directory);
    (void)snprintf(instruments, sizeof instruments, "OXE_SIM_INSTRUMENTS=%s/instruments.csv", directory);
    write_instruments(strchr(instruments, '=') + 1);
    start_exchange(still);
    create_venue();
}

static void tear_down(void)
{
    char command[64];

    ops->destroy(&venue);
    venue_peer_stop(exchange, SIGKILL);
    (void)snprintf(command, sizeof command, "rm -r '%s'", directory);
    cr_assert_eq(system(command), 0);
}

TestSuite(venue_exchange_sim, .init = set_up, .fini = tear_down, .timeout = 60);

static size_t open_ready(uint64_t next_in, uint64_t next_out)
{
    size_t from = venue_log.count;

    cr_assert_eq(ops->open(venue, 0, next_in, next_out), 0);
    return venue_peer_await(&venue_log, from, VENUE_READY, NULL);
}

static struct venue_order limit(enum side side, const char *quantity, const char *price)
{
    return venue_peer_order("AAPL", side, ORDER_TYPE_LIMIT, quantity, price);
}

static const struct venue_event *await_from(size_t from, enum venue_event_type type,
                                            const struct venue_order *order)
{
    return &venue_log.events[venue_peer_await(&venue_log, from, type, &order->order_id)];
}

static const struct venue_event *submit_for(const struct venue_order *order, enum venue_event_type type)
{
    size_t from = venue_log.count;

    cr_assert_eq(ops->submit(venue, 0, order), 0);
    return await_from(from, type, order);
}

static const struct venue_event *query_for(const struct venue_order *order, enum venue_event_type type)
{
    size_t from = venue_log.count;

    cr_assert_eq(ops->query(venue, 0, order), 0);
    return await_from(from, type, order);
}

static bool same(struct decimal value, const char *text)
{
    return decimal_compare(value, venue_peer_decimal(text)) == 0;
}

Test(venue_exchange_sim, an_order_rests_until_it_is_cancelled)
{
    struct venue_order order = limit(SIDE_BUY, "10", "100");
    const struct venue_event *event;
    size_t from;

    (void)open_ready(1, 1);
    (void)submit_for(&order, VENUE_ACKNOWLEDGED);
    event = query_for(&order, VENUE_STATUS);
    cr_expect_eq(event->venue_status, ORDER_STATUS_PENDING);
    cr_expect(same(event->cum_quantity, "0"));
    from = venue_log.count;
    cr_assert_eq(ops->cancel(venue, 0, &order, venue_peer_id()), 0);
    (void)await_from(from, VENUE_CANCELLED, &order);
    event = query_for(&order, VENUE_STATUS);
    cr_expect_eq(event->venue_status, ORDER_STATUS_CANCELLED);
    from = venue_log.count;
    cr_assert_eq(ops->cancel(venue, 0, &order, venue_peer_id()), 0);
    (void)await_from(from, VENUE_CANCEL_REJECTED, &order);
}

Test(venue_exchange_sim, a_market_order_is_filled)
{
    struct venue_order order = venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_MARKET, "100", "0");
    const struct venue_event *fill;

    (void)open_ready(1, 1);
    fill = submit_for(&order, VENUE_FILL);
    cr_expect(same(fill->last_quantity, "100"));
    cr_expect(same(fill->cum_quantity, "100"));
    cr_expect(same(fill->last_price, "150.01"));
    cr_expect_str_eq(fill->symbol, "AAPL");
    fill = query_for(&order, VENUE_STATUS);
    cr_expect_eq(fill->venue_status, ORDER_STATUS_FILLED);
}

Test(venue_exchange_sim, what_an_immediate_order_cannot_get_is_cancelled)
{
    struct venue_order order = limit(SIDE_BUY, "1500", "150.01");
    const struct venue_event *event;
    size_t from;

    order.time_in_force = TIME_IN_FORCE_IOC;
    (void)open_ready(1, 1);
    from = venue_log.count;
    event = submit_for(&order, VENUE_FILL);
    cr_expect(same(event->last_quantity, "1000"));
    cr_expect_eq(event->venue_status, ORDER_STATUS_PARTIAL);
    event = await_from(from, VENUE_CANCELLED, &order);
    cr_expect(same(event->cum_quantity, "1000"));
}

Test(venue_exchange_sim, an_unknown_order_is_unknown)
{
    struct venue_order order = limit(SIDE_BUY, "10", "100");

    (void)open_ready(1, 1);
    (void)query_for(&order, VENUE_UNKNOWN_ORDER);
}

Test(venue_exchange_sim, a_second_order_of_an_id_is_a_duplicate)
{
    struct venue_order order = limit(SIDE_BUY, "10", "100");

    (void)open_ready(1, 1);
    (void)submit_for(&order, VENUE_ACKNOWLEDGED);
    order.possible_resend = true;
    (void)submit_for(&order, VENUE_DUPLICATE);
    cr_expect_eq(query_for(&order, VENUE_STATUS)->venue_status, ORDER_STATUS_PENDING);
}

Test(venue_exchange_sim, a_symbol_that_is_not_listed_is_rejected)
{
    struct venue_order order = venue_peer_order("NONE", SIDE_BUY, ORDER_TYPE_LIMIT, "10", "100");

    (void)open_ready(1, 1);
    cr_expect_str_neq(submit_for(&order, VENUE_REJECTED)->text, "");
}

Test(venue_exchange_sim, a_replaced_order_keeps_its_name)
{
    struct venue_order order = limit(SIDE_BUY, "10", "150.00"), against = limit(SIDE_SELL, "15", "150.00");
    const struct venue_event *event;
    size_t from;

    (void)open_ready(1, 1);
    (void)submit_for(&order, VENUE_ACKNOWLEDGED);
    from = venue_log.count;
    cr_assert_eq(ops->replace(venue, 0, &order, venue_peer_id(), venue_peer_decimal("20")), 0);
    (void)await_from(from, VENUE_REPLACED, &order);
    cr_assert_eq(ops->replace(venue, 0, &order, venue_peer_id(), venue_peer_decimal("30")), 0);
    (void)await_from(venue_peer_await(&venue_log, from, VENUE_REPLACED, &order.order_id) + 1, VENUE_REPLACED,
                     &order);
    from = venue_log.count;
    (void)submit_for(&against, VENUE_FILL);
    event = await_from(from, VENUE_FILL, &order);
    cr_expect(same(event->last_quantity, "15"));
    event = query_for(&order, VENUE_STATUS);
    cr_expect_eq(event->venue_status, ORDER_STATUS_PARTIAL);
    cr_expect(same(event->cum_quantity, "15"));
}

Test(venue_exchange_sim, prices_come_for_the_symbols_asked_for_and_whenever_they_move)
{
    static const char *const symbols[] = {"AAPL", "MSFT"};
    static const char *const prices[] = {"150", "400"};
    size_t at = open_ready(1, 1);

    cr_assert_eq(ops->subscribe_prices(venue, 0, symbols, 2), 0);
    for (int i = 0; i < 2; i++) {
        at = venue_peer_await(&venue_log, at + 1, VENUE_PRICE, NULL);
        cr_expect_str_eq(venue_log.events[at].symbol, symbols[i]);
        cr_expect(same(venue_log.events[at].last_price, prices[i]));
    }
    /* In a market that moves; the subscription comes back with the logon. */
    venue_peer_stop(exchange, SIGKILL);
    at = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    start_exchange("OXE_SIM_VOLATILITY_BP=50");
    at = venue_peer_await(&venue_log, at, VENUE_READY, NULL);
    do
        at = venue_peer_await(&venue_log, at + 1, VENUE_PRICE, NULL);
    while (same(venue_log.events[at].last_price, "150") || same(venue_log.events[at].last_price, "400"));
    cr_expect(decimal_is_positive(venue_log.events[at].last_price));
}

Test(venue_exchange_sim, an_exchange_killed_and_started_again_knows_its_orders)
{
    struct venue_order order = limit(SIDE_BUY, "10", "100");
    size_t down;

    (void)open_ready(1, 1);
    (void)submit_for(&order, VENUE_ACKNOWLEDGED);
    down = venue_log.count;
    venue_peer_stop(exchange, SIGKILL);
    down = venue_peer_await(&venue_log, down, VENUE_DOWN, NULL);
    cr_assert_eq(ops->submit(venue, 0, &order), -ENOTCONN);
    start_exchange(still);
    (void)venue_peer_await(&venue_log, down, VENUE_READY, NULL);
    cr_expect_eq(query_for(&order, VENUE_STATUS)->venue_status, ORDER_STATUS_PENDING);
    (void)submit_for(&order, VENUE_DUPLICATE);
}

Test(venue_exchange_sim, reports_that_were_not_committed_come_again_before_ready)
{
    enum { ORDERS = 50 };
    struct venue_order orders[ORDERS];
    struct venue_event fills[ORDERS];
    size_t from, at, ready;

    (void)open_ready(1, 1);
    for (int i = 0; i < ORDERS; i++) {
        orders[i] = venue_peer_order("AAPL", i % 2 ? SIDE_SELL : SIDE_BUY, ORDER_TYPE_MARKET, "1", "0");
        fills[i] = *submit_for(&orders[i], VENUE_FILL);
    }
    ops->close(venue, 0);
    /* The exchange itself dies too: what it has reported is in its journal. */
    venue_peer_stop(exchange, SIGKILL);
    start_exchange(still);

    from = at = venue_log.count;
    ready = open_ready(fills[10].in_seq, 10000);
    for (int i = 10; i < ORDERS; i++) {
        at = venue_peer_await(&venue_log, at, VENUE_FILL, &orders[i].order_id);
        cr_assert_lt(at, ready);
        cr_assert_eq(venue_log.events[at].in_seq, fills[i].in_seq);
        cr_assert_str_eq(venue_log.events[at].exec_id, fills[i].exec_id);
        cr_assert(venue_log.events[at].possible_duplicate);
    }
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_FILL), ORDERS - 10);
    cr_assert_gt(ops->next_out(venue, 0), 10000);
}
