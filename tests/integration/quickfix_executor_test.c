/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX adapter trades against QuickFIX's own example acceptor, a counterparty that this project did not
 * write: it fills LIMIT orders at once, refuses MARKET orders with a session Reject and anything else with a
 * BusinessMessageReject, and resends from its store. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/executor/venue.h"
#include "tests/support/port.h"
#include "tests/support/venue_peer.h"

#define EXAMPLE "/usr/share/doc/libquickfix-doc/examples/executor/C++/.libs/executor.gz"

enum { LANES = 8 };

static char directory[] = "/tmp/oxe-quickfix-XXXXXX";
static char program[64], settings[64];
static int port;
static pid_t exchange;
static struct venue_peer_log venue_log;
static const struct venue_ops *ops;
static struct venue *venue;

static void write_settings(void)
{
    FILE *file = fopen(settings, "we");

    cr_assert_not_null(file);
    (void)fprintf(file,
                  "[DEFAULT]\nConnectionType=acceptor\nSenderCompID=EXECUTOR\nBeginString=FIX.4."
                  "4\nFileStorePath=%s/store\n"
                  "StartTime=00:00:00\nEndTime=00:00:00\nUseDataDictionary=N\nSocketAcceptPort=%d\n"
                  "SocketReuseAddress=Y\nSocketNodelay=Y\n",
                  directory, port);
    for (int lane = 0; lane < LANES; lane++)
        (void)fprintf(file, "[SESSION]\nTargetCompID=OXE-L%d\n", lane);
    (void)fclose(file);
}

static void start_exchange(void)
{
    exchange = venue_peer_start((const char *const[]){program, settings, NULL}, NULL);
    venue_peer_await_port(port);
}

static void create_venue(void)
{
    struct venue_fix_config config = {
        .host = "127.0.0.1",
        .port = port,
        .sender_prefix = "OXE-L",
        .target_comp_id = "EXECUTOR",
        .heartbeat_seconds = 1,
        .reconnect_seconds = 1,
        .name = "EXAMPLE",
    };

    cr_assert_eq(venue_fix_create(&config, &ops, &venue), 0);
    venue_log.ops = ops;
    venue_log.venue = venue;
}

static void set_up(void)
{
    char command[512];

    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(program, sizeof program, "%s/executor", directory);
    (void)snprintf(settings, sizeof settings, "%s/settings", directory);
    (void)snprintf(command, sizeof command, "gzip -dc '%s' > '%s' && chmod 700 '%s' && mkdir '%s/store'",
                   EXAMPLE, program, program, directory);
    cr_assert_eq(system(command), 0);
    port = port_free();
    write_settings();
    start_exchange();
    create_venue();
}

static void tear_down(void)
{
    char command[64];

    if (ops)
        ops->destroy(&venue);
    venue_peer_stop(exchange, SIGKILL);
    (void)snprintf(command, sizeof command, "rm -r '%s'", directory);
    cr_assert_eq(system(command), 0);
}

TestSuite(quickfix_executor, .init = set_up, .fini = tear_down, .timeout = 60);

static size_t open_ready(int lane, uint64_t next_in, uint64_t next_out)
{
    size_t from = venue_log.count;

    cr_assert_eq(ops->open(venue, lane, next_in, next_out), 0);
    return venue_peer_await(&venue_log, from, VENUE_READY, NULL);
}

static struct venue_order limit(const char *quantity, const char *price)
{
    return venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_LIMIT, quantity, price);
}

static const struct venue_event *submit_for(struct venue_order *order, enum venue_event_type type)
{
    size_t from = venue_log.count;

    cr_assert_eq(ops->submit(venue, 0, order), 0);
    return &venue_log.events[venue_peer_await(&venue_log, from, type, &order->order_id)];
}

Test(quickfix_executor, a_limit_order_is_filled_with_exact_figures)
{
    size_t ready = open_ready(0, 1, 1);
    struct venue_order order = limit("100.5", "150.12345678");
    const struct venue_event *fill = submit_for(&order, VENUE_FILL);

    cr_assert_eq(decimal_compare(fill->last_quantity, venue_peer_decimal("100.5")), 0);
    cr_assert_eq(decimal_compare(fill->cum_quantity, venue_peer_decimal("100.5")), 0);
    cr_assert_str_eq(fill->symbol, "AAPL");
    cr_assert_str_neq(fill->exec_id, "");
    cr_assert_str_neq(fill->venue_order_id, "");
    cr_assert_eq(fill->venue_status, ORDER_STATUS_FILLED);
    cr_assert_not(fill->possible_duplicate);
    cr_assert_gt(fill->in_seq, venue_log.events[ready].in_seq);
    /* The example reads prices into a double: what it wrote is what we must have read. */
    cr_assert_eq(decimal_compare(fill->last_price, venue_peer_decimal("150.12345678")), 0);
}

Test(quickfix_executor, a_session_reject_finds_its_order)
{
    struct venue_order order = venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_MARKET, "100", "0");
    const struct venue_event *rejected;

    (void)open_ready(0, 1, 1);
    rejected = submit_for(&order, VENUE_REJECTED);
    cr_assert_str_neq(rejected->text, "");
    cr_assert_gt(rejected->in_seq, 0);
}

Test(quickfix_executor, a_business_reject_of_a_cancel_leaves_the_order)
{
    struct venue_order order = limit("10", "5");
    size_t from;

    (void)open_ready(0, 1, 1);
    (void)submit_for(&order, VENUE_FILL);
    from = venue_log.count;
    cr_assert_eq(ops->cancel(venue, 0, &order, venue_peer_id()), 0);
    (void)venue_peer_await(&venue_log, from, VENUE_CANCEL_REJECTED, &order.order_id);
    cr_assert_eq(ops->query(venue, 0, &order), 0);
    (void)venue_peer_await(&venue_log, from, VENUE_UNEXPECTED, &order.order_id);
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_REJECTED), 0);
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_UNKNOWN_ORDER), 0);
}

Test(quickfix_executor, reports_that_were_not_committed_come_again_before_ready)
{
    struct venue_order orders[3];
    struct venue_event fills[3];
    size_t from, ready, at;
    uint64_t next_out;

    (void)open_ready(0, 1, 1);
    for (int i = 0; i < 3; i++) {
        orders[i] = limit("10", "5");
        fills[i] = *submit_for(&orders[i], VENUE_FILL);
    }
    next_out = ops->next_out(venue, 0) + 100; /* reserved ahead: the Logout takes a number too */
    ops->close(venue, 0);
    cr_assert_eq(ops->submit(venue, 0, &orders[0]), -ENOTCONN);

    from = venue_log.count;
    ready = open_ready(0, fills[1].in_seq, next_out);
    at = from;
    for (int i = 1; i < 3; i++) {
        at = venue_peer_await(&venue_log, at, VENUE_FILL, &orders[i].order_id);
        cr_assert_lt(at, ready);
        cr_assert_eq(venue_log.events[at].in_seq, fills[i].in_seq);
        cr_assert_str_eq(venue_log.events[at].exec_id, fills[i].exec_id);
        cr_assert(venue_log.events[at].possible_duplicate);
    }
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_FILL), 2);
}

Test(quickfix_executor, numbers_reserved_ahead_leave_a_gap_that_is_filled)
{
    struct venue_order order = limit("10", "5");
    uint64_t in_seq;
    size_t from;

    (void)open_ready(0, 1, 1);
    (void)submit_for(&order, VENUE_FILL);
    venue_peer_listen(&venue_log, 100);
    in_seq = venue_log.events[venue_log.count - 1].in_seq;
    ops->close(venue, 0);

    from = venue_log.count;
    (void)open_ready(0, in_seq + 1, 5000);
    cr_assert_gt(ops->next_out(venue, 0), 5000);
    order = limit("20", "6");
    (void)submit_for(&order, VENUE_FILL);
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_FILL), 1, "an order of before was sent again");
}

Test(quickfix_executor, an_exchange_that_dies_and_returns_is_logged_on_to_again)
{
    struct venue_order order = limit("10", "5");
    size_t from, down;

    (void)open_ready(0, 1, 1);
    (void)submit_for(&order, VENUE_FILL);
    from = venue_log.count;
    venue_peer_stop(exchange, SIGKILL);
    down = venue_peer_await(&venue_log, from, VENUE_DOWN, NULL);
    cr_assert_str_neq(venue_log.events[down].text, "");
    cr_assert_eq(venue_log.events[down].in_seq, 0);
    cr_assert_eq(ops->submit(venue, 0, &order), -ENOTCONN);

    start_exchange();
    (void)venue_peer_await(&venue_log, down, VENUE_READY, NULL);
    order = limit("20", "6");
    (void)submit_for(&order, VENUE_FILL);
    cr_assert_eq(venue_peer_count(&venue_log, from, VENUE_FILL), 1);
}

Test(quickfix_executor, a_quiet_line_still_moves_the_sequence)
{
    size_t ready = open_ready(0, 1, 1);
    size_t moved = venue_peer_await(&venue_log, ready, VENUE_SEQUENCE, NULL);

    cr_assert_gt(venue_log.events[moved].in_seq, venue_log.events[ready].in_seq);
}

Test(quickfix_executor, numbers_known_to_be_too_low_are_raised)
{
    struct venue_order order = limit("10", "5");
    uint64_t in_seq;

    (void)open_ready(0, 1, 1);
    for (int i = 0; i < 20; i++) {
        order = limit("10", "5");
        in_seq = submit_for(&order, VENUE_FILL)->in_seq;
    }
    ops->close(venue, 0);
    (void)open_ready(0, in_seq + 1, 3); /* as after a restored backup */
    cr_assert_gt(ops->next_out(venue, 0), 20);
    order = limit("20", "6");
    (void)submit_for(&order, VENUE_FILL);
}

/* Also checks that each lane's numbers only grow, whatever the other lanes do. */
Test(quickfix_executor, lanes_do_not_mix)
{
    enum { ORDERS = 200 };
    uint64_t last[LANES] = {0};
    size_t fills[LANES] = {0}, from = venue_log.count;

    for (int lane = 0; lane < LANES; lane++)
        cr_assert_eq(ops->open(venue, lane, 1, 1), 0);
    while (venue_peer_count(&venue_log, from, VENUE_READY) < LANES)
        (void)venue_peer_await(&venue_log, venue_log.count, VENUE_READY, NULL);
    for (int i = 0; i < ORDERS; i++) {
        for (int lane = 0; lane < LANES; lane++) {
            struct venue_order order = limit("1", "5");

            cr_assert_eq(ops->submit(venue, lane, &order), 0);
        }
    }
    while (venue_peer_count(&venue_log, from, VENUE_FILL) < (size_t)ORDERS * LANES)
        (void)venue_peer_await(&venue_log, venue_log.count, VENUE_FILL, NULL);
    for (size_t i = from; i < venue_log.count; i++) {
        const struct venue_event *event = &venue_log.events[i];

        cr_assert_gt(event->in_seq, last[event->lane]);
        last[event->lane] = event->in_seq;
        fills[event->lane] += event->type == VENUE_FILL;
    }
    for (int lane = 0; lane < LANES; lane++)
        cr_assert_eq(fills[lane], ORDERS);
}

Test(quickfix_executor, closing_waits_for_nobody)
{
    int64_t begun;

    for (int lane = 0; lane < LANES; lane++)
        cr_assert_eq(ops->open(venue, lane, 1, 1), 0);
    (void)venue_peer_await(&venue_log, 0, VENUE_READY, NULL);
    cr_assert_eq(kill(exchange, SIGSTOP), 0);
    begun = clock_monotonic_us();
    ops->destroy(&venue);
    cr_assert_lt(clock_monotonic_us() - begun, 1000000);
    ops = NULL;
}
