/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX adapter against exchange-sim that misbehaves: whatever the line does, each report arrives, and the
 * lane becomes ready again by itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/venue.h"
#include "tests/support/exchange_process.h"
#include "tests/support/venue_peer.h"

enum { LINE_MAX_BYTES = 256 };

static struct exchange_process exchange;
static struct venue_peer_log venue_log;
static const struct venue_ops *ops;
static struct venue *venue;

static void set_up(void)
{
    exchange_process_begin(&exchange);
    struct venue_fix_config config = {
        .host = "127.0.0.1",
        .port = exchange.port,
        .sender_prefix = "OXE-L",
        .target_comp_id = "SIM",
        .heartbeat_seconds = 2,
        .reconnect_seconds = 1,
        .name = "SIM",
    };
    cr_assert_eq(venue_fix_create(&config, &ops, &venue), 0);
    venue_log = (struct venue_peer_log){.ops = ops, .venue = venue};
    cr_assert_eq(ops->open(venue, 0, 1, 1), 0);
    (void)venue_peer_await(&venue_log, 0, VENUE_READY, NULL);
}

static void tear_down(void)
{
    ops->destroy(&venue);
    exchange_process_end(&exchange);
}

TestSuite(venue_exchange_sim_fault, .init = set_up, .fini = tear_down, .timeout = 120);

static void arm(const char *fault)
{
    char line[LINE_MAX_BYTES];
    size_t lines = 0;
    (void)snprintf(line, sizeof(line), "fault %s\n", fault);
    CLEANUP_FREE char *answer = exchange_process_ask(&exchange, line, &lines);
    cr_assert_not_null(strstr(answer, "\"id\":"), "%s: %s", fault, answer);
}

static struct venue_order buy(void)
{
    return venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_MARKET, "100", "0");
}

Test(venue_exchange_sim_fault, the_reports_of_an_order_arrive_whatever_happens_to_the_line)
{
    static const struct {
        const char *faults[2];
        size_t fills; /* events, repeated ones too */
        bool breaks;
    } cases[] = {
        {{"gap n=3"}, 1, false},
        {{"reset"}, 1, false},
        {{"withhold until=resend"}, 1, false},
        {{"delay ms=300"}, 1, false},
        {{"reorder"}, 1, false},
        {{"slow ms=300"}, 1, false},
        {{"pieces n=4"}, 4, false},
        {{"repeat as=dup"}, 1, false}, /* its number is known: not handed over */
        {{"repeat as=resend"}, 2, false},
        {{"repeat as=new"}, 2, false},
        {{"alter"}, 2, false},
        {{"overfill"}, 2, false},
        {{"stray"}, 1, false},
        {{"half-open ms=1000"}, 1, false},
        {{"drop-after"}, 1, true},
        {{"drop-after", "refuse message=logon 2"}, 1, true},
        {{"drop-after", "drop-before message=logon"}, 1, true},
        {{"withhold until=resend", "drop-after message=other"}, 1, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t lines = 0, from = venue_log.count;
        struct venue_order order = buy();
        for (size_t j = 0; j < ARRAY_LEN(cases[i].faults) && cases[i].faults[j] != NULL; j++)
            arm(cases[i].faults[j]);
        cr_assert_eq(ops->submit(venue, 0, &order), 0, "%s", cases[i].faults[0]);
        (void)venue_peer_await(&venue_log, from, VENUE_ACKNOWLEDGED, &order.order_id);
        size_t at = from;
        for (size_t fill = 0; fill < cases[i].fills; fill++)
            at = venue_peer_await(&venue_log, at, VENUE_FILL, &order.order_id) + 1;
        if (cases[i].breaks) {
            size_t down = venue_peer_await(&venue_log, from, VENUE_DOWN, NULL);
            (void)venue_peer_await(&venue_log, down, VENUE_READY, NULL);
        }
        free(exchange_process_ask(&exchange, "fault clear\n", &lines));
        venue_peer_listen(&venue_log, 100);
        size_t fills = 0;
        for (at = from; at < venue_log.count; at++)
            fills += venue_log.events[at].type == VENUE_FILL &&
                     memcmp(&venue_log.events[at].order_id, &order.order_id, sizeof(order.order_id)) == 0;
        cr_expect_eq(fills, cases[i].fills, "%s: %zu", cases[i].faults[0], fills);
    }
}

Test(venue_exchange_sim_fault, a_half_open_line_is_noticed_and_replaced)
{
    size_t from = venue_log.count;
    arm("half-open ms=60000");
    size_t down = venue_peer_await(&venue_log, from, VENUE_DOWN, NULL);
    (void)venue_peer_await(&venue_log, down, VENUE_READY, NULL);
    struct venue_order order = buy();
    cr_assert_eq(ops->submit(venue, 0, &order), 0);
    (void)venue_peer_await(&venue_log, down, VENUE_FILL, &order.order_id);
}

Test(venue_exchange_sim_fault, numbers_that_begin_anew_are_told_and_orders_are_still_known)
{
    struct venue_order order = buy();
    size_t from = venue_log.count;
    cr_assert_eq(ops->submit(venue, 0, &order), 0);
    (void)venue_peer_await(&venue_log, from, VENUE_FILL, &order.order_id);
    arm("reset-logon");
    arm("drop-before message=any");
    size_t down = venue_peer_await(&venue_log, from, VENUE_DOWN, NULL);
    size_t reset = venue_peer_await(&venue_log, down, VENUE_SEQUENCE_RESET, NULL);
    cr_expect_leq(venue_log.events[reset].in_seq, 1);
    size_t ready = venue_peer_await(&venue_log, reset, VENUE_READY, NULL);
    cr_assert_eq(ops->query(venue, 0, &order), 0);
    size_t status = venue_peer_await(&venue_log, ready, VENUE_STATUS, &order.order_id);
    cr_expect_eq(venue_log.events[status].venue_status, ORDER_STATUS_FILLED);
    struct venue_order next = buy();
    cr_assert_eq(ops->submit(venue, 0, &next), 0);
    (void)venue_peer_await(&venue_log, ready, VENUE_FILL, &next.order_id);
}

Test(venue_exchange_sim_fault, a_message_that_is_swallowed_or_refused_is_not_there)
{
    struct venue_order order = buy();
    size_t from = venue_log.count;
    arm("swallow");
    cr_assert_eq(ops->submit(venue, 0, &order), 0);
    cr_assert_eq(ops->query(venue, 0, &order), 0);
    size_t at = venue_peer_await(&venue_log, from, VENUE_UNKNOWN_ORDER, &order.order_id);
    arm("refuse reason=0");
    cr_assert_eq(ops->submit(venue, 0, &order), 0);
    at = venue_peer_await(&venue_log, at, VENUE_REJECTED, &order.order_id);
    arm("no-liquidity symbol=AAPL");
    cr_assert_eq(ops->submit(venue, 0, &order), 0);
    at = venue_peer_await(&venue_log, at, VENUE_ACKNOWLEDGED, &order.order_id);
    arm("refuse message=cancel reason=0");
    arm("late-fill ms=200");
    cr_assert_eq(ops->cancel(venue, 0, &order, venue_peer_id()), 0);
    at = venue_peer_await(&venue_log, at, VENUE_CANCEL_REJECTED, &order.order_id);
    cr_assert_eq(ops->cancel(venue, 0, &order, venue_peer_id()), 0);
    at = venue_peer_await(&venue_log, at, VENUE_CANCELLED, &order.order_id);
    (void)venue_peer_await(&venue_log, at, VENUE_FILL, &order.order_id);
}
