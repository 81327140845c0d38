/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels and resolves as the lane's owner carries them out, between a
 * real PostgreSQL and a real exchange-sim that misbehaves on command.
 * The test leaves the commands in the database as risk-manager does. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;

static void begin(const char *rate_limit)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "100ms", 1), 0);
    cr_assert_eq(setenv("ORDER_STATUS_UPDATE_TIMEOUT", "1s", 1), 0);
    cr_assert_eq(setenv("EXCHANGE_API_RATE_LIMIT", rate_limit, 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
}

static void set_up(void)
{
    begin("0");
}

static void set_up_with_limit(void)
{
    begin("20"); /* 5 a minute for each lane: one at once */
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(executor_command, .init = set_up, .fini = tear_down, .timeout = 120);

/* A BUY of 10 that rests at 140. */
static const struct floor_order resting = {.symbol = "AAPL",
                                           .side = SIDE_BUY,
                                           .order_type = ORDER_TYPE_LIMIT,
                                           .time_in_force = TIME_IN_FORCE_DAY,
                                           .quantity = 10,
                                           .price = "140",
                                           .reserve_price = "140"};

static struct uuid admit_working(void)
{
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    return id;
}

/* An order that the exchange has swallowed, and about which it does not answer. */
static struct uuid admit_doubtful(void)
{
    floor_tell_exchange(&floor_, "fault swallow message=order,query always");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    return id;
}

static void expect_end(struct uuid id, const char *end, const char *trail)
{
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', status, attempts, reason)"), end);
    cr_expect_str_eq(floor_trail(&floor_, id), trail);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.commands"), "0");
    floor_check(&floor_);
}

/* The orders that the exchange has ever accepted. */
static void expect_at_exchange(size_t count)
{
    CLEANUP(buffer_release) struct buffer orders = floor_control(&floor_, "orders");
    size_t lines = 0;
    for (size_t i = 0; i < orders.length; i++)
        lines += orders.data[i] == '\n';
    cr_expect_eq(lines, count, "%s", orders.length > 0 ? orders.data : "nothing");
}

#define SENT "SUBMITTED APPROVED EXECUTED "

Test(executor_command, a_cancel_of_a_working_order_reaches_the_exchange)
{
    struct uuid id = admit_working();
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT trim_scale(reserved) FROM oxe.traders WHERE subject = 'trader-0'"), "0");
}

Test(executor_command, a_cancel_that_no_message_brought_is_swept)
{
    struct uuid id = admit_working();
    floor_cancel(&floor_, id, false);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
}

Test(executor_command, a_cancelled_order_that_was_not_sent_is_never_sent, .init = set_up_with_limit)
{
    struct uuid first = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, first, "execution_state", "WORKING");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_probe(&floor_, 0, "/metrics", "oxe_executor_queue_depth{service=\"executor\"} 1\n");
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 0", "SUBMITTED APPROVED CANCELLED");
    /* The next one stands behind it in the queue, and goes out when the rate allows it: the cancelled one
     * took nothing of it. */
    (void)admit_working();
    expect_at_exchange(2);
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(updated_at) - min(updated_at) < '25 s' FROM oxe.orders"
                                          " WHERE execution_state = 'WORKING'"),
                     "t", "the rate lets one go each 15 s");
}

Test(executor_command, an_order_cancelled_while_nobody_owns_its_lane_is_never_sent)
{
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_cancel(&floor_, id, true);
    struct uuid bare = floor_admit(&floor_, &resting, 1, true);
    floor_cancel(&floor_, bare, true);
    /* As if the command had been carried out half: the order itself still says what is wanted. */
    floor_sql(&floor_,
              "DELETE FROM oxe.commands WHERE order_id IN (SELECT max(id::text)::uuid FROM oxe.orders)");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, bare, "status", "CANCELLED");
    expect_end(id, "CANCELLED 0", "SUBMITTED APPROVED CANCELLED");
    expect_at_exchange(0);
}

Test(executor_command, a_cancel_waits_for_the_answer_to_the_order)
{
    floor_tell_exchange(&floor_, "fault withhold until=query report=ack");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "RECOVERED CANCELLED");
}

Test(executor_command, a_cancel_requested_order_that_got_lost_is_not_sent_again)
{
    floor_tell_exchange(&floor_, "fault swallow message=order");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
    expect_at_exchange(0);
}

Test(executor_command, a_cancel_without_answer_is_repeated)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault swallow message=cancel 2");
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
}

Test(executor_command, a_cancel_that_was_lost_with_the_line_is_repeated)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault drop-before message=cancel");
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
}

Test(executor_command, a_cancel_survives_the_executor)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault swallow message=cancel");
    floor_cancel(&floor_, id, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.commands", "0");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    expect_end(id, "CANCELLED 1", SENT "CANCELLED");
}

Test(executor_command, a_cancel_that_the_exchange_refuses_is_told_and_may_be_asked_again)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault refuse message=cancel");
    floor_cancel(&floor_, id, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.execution_logs WHERE action = 'CANCEL_REJECTED'", "1");
    cr_expect_str_eq(
        floor_order(&floor_, id, "concat_ws(' ', execution_state, cancel_requested_at, next_check_at)"),
        "WORKING");
    floor_check(&floor_);
    floor_cancel(&floor_, id, true);
    expect_end(id, "CANCELLED 1", SENT "CANCEL_REJECTED CANCELLED");
}

Test(executor_command, a_fill_that_was_faster_than_the_cancel_is_told_as_such)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault swallow message=cancel always");
    floor_cancel(&floor_, id, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.commands", "0");
    floor_tell_exchange(&floor_, "price AAPL 139.00");
    expect_end(id, "FILLED 1", SENT "FILLED CANCEL_REJECTED");
}

Test(executor_command, a_fill_after_the_cancel_counts)
{
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "fault late-fill ms=200 quantity=4");
    floor_cancel(&floor_, id, true);
    floor_await_order(&floor_, id, "trim_scale(filled_quantity)", "4");
    floor_await_order(&floor_, id, "coalesce(recalls::text, 'gone')", "gone");
    expect_end(id, "CANCELLED 1", SENT "CANCELLED FILLED CANCEL_REQUESTED");
    cr_expect_str_eq(floor_value(&floor_, "SELECT flag FROM oxe.fills"), "LATE");
}

Test(executor_command, many_cancels_of_sent_working_and_waiting_orders_end_them_all)
{
    enum { ORDERS = 60 };
    static struct uuid ids[ORDERS];
    for (size_t i = 0; i < ORDERS; i++) {
        struct floor_order order = resting;
        order.trader = i % FLOOR_TRADERS;
        ids[i] = floor_admit(&floor_, &order, 1, i % 3 != 0);
        if (i % 2 == 0)
            floor_cancel(&floor_, ids[i], i % 4 == 0);
    }
    for (size_t i = 1; i < ORDERS; i += 2)
        floor_cancel(&floor_, ids[i], true);
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE status <> 'CANCELLED'"),
                     "0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.commands"), "0");
}

/* ---- resolves ---- */

Test(executor_command, a_doubt_resolved_by_retry_is_sent_again)
{
    struct uuid id = admit_doubtful();
    floor_tell_exchange(&floor_, "fault clear");
    floor_resolve(&floor_, id, RESOLVE_ACTION_RETRY, NULL, NULL, NULL, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "IN_DOUBT RETRIED");
    floor_check(&floor_);
}

Test(executor_command, operations_may_send_beyond_the_last_attempt)
{
    floor_tell_exchange(&floor_, "fault swallow message=order always");
    floor_tell_exchange(&floor_, "fault swallow message=query 1");
    /* Asked twice and sent three times in all; the last check stays without answer. */
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "attempts", "2");
    floor_tell_exchange(&floor_, "fault swallow message=query always");
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    floor_resolve(&floor_, id, RESOLVE_ACTION_RETRY, NULL, NULL, NULL, true);
    floor_await_order(&floor_, id, "attempts", "3");
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    floor_resolve(&floor_, id, RESOLVE_ACTION_RETRY, NULL, NULL, NULL, true);
    floor_await_order(&floor_, id, "attempts", "4");
    /* The third fault only: the fourth sending, which may be on its way yet, is swallowed too. */
    floor_tell_exchange(&floor_, "fault clear 3");
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', status, attempts, reason)"),
                     "REJECTED 4 EXCHANGE_UNAVAILABLE");
    floor_check(&floor_);
}

struct resolve_case {
    enum resolve_action action;
    const char *end, *trail;
};

static void run_resolve(const struct resolve_case *c)
{
    struct uuid id = admit_doubtful();
    floor_resolve(&floor_, id, c->action, NULL, NULL, NULL, false);
    expect_end(id, c->end, c->trail);
}

Test(executor_command, a_doubt_resolved_by_reject_ends_and_frees_what_was_reserved)
{
    static const struct resolve_case c = {RESOLVE_ACTION_REJECT, "REJECTED 1 EXCHANGE_UNAVAILABLE",
                                          SENT "IN_DOUBT REJECTED"};
    run_resolve(&c);
}

Test(executor_command, a_doubt_resolved_by_cancel_ends)
{
    static const struct resolve_case c = {RESOLVE_ACTION_CANCEL, "CANCELLED 1", SENT "IN_DOUBT CANCELLED"};
    run_resolve(&c);
}

Test(executor_command, a_fill_entered_by_operations_counts_once_also_when_its_report_comes)
{
    floor_tell_exchange(&floor_, "fault delay ms=4000 report=fill");
    struct uuid id = admit_working();
    floor_tell_exchange(&floor_, "price AAPL 139.00");
    CLEANUP(buffer_release) struct buffer said = BUFFER_INIT(0);
    char exec_id[65] = "";
    while (exec_id[0] == '\0') {
        buffer_release(&said);
        said = floor_control(&floor_, "executions");
        if (said.length > 0)
            (void)snprintf(exec_id, sizeof(exec_id), "%s",
                           floor_value(&floor_, "SELECT '%s'::json->>'exec_id'", said.data));
    }
    /* The exchange says in answer to a question that it has filled the order; its report is still held up. */
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    floor_resolve(&floor_, id, RESOLVE_ACTION_FILL, "10", "140", exec_id, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "IN_DOUBT FILLED");
    floor_check(&floor_);
    floor_await_probe(&floor_, 0, "/metrics", "oxe_executor_duplicates_total{service=\"executor\"} 1\n");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills"), "1");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.put_aside"), "0");
    floor_check(&floor_);
}

Test(executor_command, what_is_not_in_doubt_any_more_is_not_resolved)
{
    struct uuid id = admit_working();
    floor_resolve(&floor_, id, RESOLVE_ACTION_REJECT, NULL, NULL, NULL, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.commands", "0");
    cr_expect_str_eq(floor_order(&floor_, id, "execution_state"), "WORKING");
    cr_expect_str_eq(floor_trail(&floor_, id), "SUBMITTED APPROVED EXECUTED");
    floor_check(&floor_);
}

Test(executor_command, a_doubt_whose_cancel_was_requested_is_not_sent_again)
{
    struct uuid id = admit_doubtful();
    floor_cancel(&floor_, id, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.commands", "0");
    floor_resolve(&floor_, id, RESOLVE_ACTION_RETRY, NULL, NULL, NULL, true);
    floor_await(&floor_, "SELECT string_agg(kind || ' ' || detail, ',') FROM oxe.put_aside",
                "NOT_RESOLVED RETRY: its cancellation was requested");
    floor_tell_exchange(&floor_, "fault clear");
    expect_end(id, "CANCELLED 1", SENT "IN_DOUBT CANCELLED");
    expect_at_exchange(0);
}
