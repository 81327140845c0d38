/* SPDX-License-Identifier: Apache-2.0 */
/* An order whose answer does not come: between a real PostgreSQL and a real exchange-sim that misbehaves on
 * command. The waits are shorter than their defaults. */
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
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "300ms", 1), 0);
    cr_assert_eq(setenv("ORDER_STATUS_UPDATE_TIMEOUT", "1s", 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(retry, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};

/* A BUY of 10 that rests at 140. */
static struct uuid admit_resting(void)
{
    struct floor_order limit = market_buy;
    limit.order_type = ORDER_TYPE_LIMIT;
    limit.price = limit.reserve_price = "140";
    return floor_admit(&floor_, &limit, 1, true);
}

static void expect_executions(const char *count)
{
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills"), count);
    floor_check(&floor_);
}

/* Until a process has logged the text: what it says has happened by then. */
static void await_log(const char *process, const char *text)
{
    char path[160], line[4096];

    (void)snprintf(path, sizeof(path), "%s/%s.log", floor_.directory, process);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    for (int waited_ms = 0; waited_ms < 30000; waited_ms += 5) {
        clearerr(file);
        while (fgets(line, sizeof(line), file) != NULL) {
            if (strstr(line, text) != NULL) {
                (void)fclose(file);
                return;
            }
        }
        (void)poll(NULL, 0, 5);
    }
    (void)fclose(file);
    cr_assert_fail("%s never logged %s", process, text);
}

/* How the exchange misbehaves towards the first order, and what becomes of it. */
struct fault_case {
    const char *faults[3];
    const char *trail;
    const char *end; /* status, attempts, reason */
    const char *executions;
};

static void run_case(const struct fault_case *c)
{
    for (size_t i = 0; i < ARRAY_LEN(c->faults) && c->faults[i] != NULL; i++)
        floor_tell_exchange(&floor_, c->faults[i]);
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', status, attempts, reason)"), c->end, "%s: %s",
                     c->faults[0], floor_order(&floor_, id, "concat_ws(' ', status, attempts, reason)"));
    cr_expect_str_eq(floor_trail(&floor_, id), c->trail, "%s: %s", c->faults[0], floor_trail(&floor_, id));
    cr_expect_str_eq(floor_order(&floor_, id, "next_check_at"), "", "a finished order waits for nothing");
    expect_executions(c->executions);
}

#define SENT "SUBMITTED APPROVED EXECUTED "

Test(retry, a_line_cut_after_the_order_recovers_with_one_execution)
{
    static const struct fault_case c = {
        {"fault drop-after message=order"}, SENT "RECOVERED FILLED", "FILLED 1", "1"};
    run_case(&c);
}

Test(retry, a_line_cut_before_the_order_sends_it_again)
{
    static const struct fault_case c = {
        {"fault drop-before message=order"}, SENT "RETRIED FILLED", "FILLED 2", "1"};
    run_case(&c);
}

Test(retry, an_order_that_was_swallowed_is_sent_again)
{
    static const struct fault_case c = {
        {"fault swallow message=order"}, SENT "RETRIED FILLED", "FILLED 2", "1"};
    run_case(&c);
}

Test(retry, an_order_is_written_three_times_and_rejected_then)
{
    static const struct fault_case c = {{"fault swallow message=order always"},
                                        SENT "RETRIED RETRIED REJECTED",
                                        "REJECTED 3 EXCHANGE_UNAVAILABLE",
                                        "0"};
    run_case(&c);
}

Test(retry, a_network_timeout_recovers_with_its_executions)
{
    static const struct fault_case c = {
        {"fault withhold until=query"}, SENT "RECOVERED FILLED", "FILLED 1", "1"};
    run_case(&c);
}

Test(retry, an_answer_that_is_only_late_recovers)
{
    static const struct fault_case c = {{"fault delay ms=900"}, SENT "RECOVERED FILLED", "FILLED 1", "1"};
    run_case(&c);
}

Test(retry, a_refusal_is_never_retried)
{
    static const struct fault_case c = {
        {"fault refuse message=order"}, SENT "REJECTED", "REJECTED 1 EXCHANGE_REJECTED", "0"};
    run_case(&c);
}

Test(retry, a_question_without_answer_is_asked_again)
{
    static const struct fault_case c = {{"fault swallow message=order", "fault swallow message=query"},
                                        SENT "RETRIED FILLED",
                                        "FILLED 2",
                                        "1"};
    run_case(&c);
}

Test(retry, an_order_that_the_exchange_denies_and_has_is_not_executed_twice)
{
    static const struct fault_case c = {{"fault delay ms=1100", "fault refuse message=query"},
                                        SENT "RETRIED RECOVERED FILLED",
                                        "FILLED 2",
                                        "1"};
    run_case(&c);
}

Test(retry, what_cannot_be_asked_about_is_in_doubt_and_stays_reserved)
{
    floor_tell_exchange(&floor_, "fault swallow message=order,query always");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    cr_expect_str_eq(
        floor_order(&floor_, id, "concat_ws(' ', status, attempts, reason, trim_scale(reserved))"),
        "PENDING 1 EXCHANGE_UNAVAILABLE 1575");
    cr_expect_str_eq(floor_order(&floor_, id, "next_check_at IS NOT NULL"), "t", "the asking goes on");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "IN_DOUBT");
    floor_check(&floor_);
    floor_tell_exchange(&floor_, "fault clear");
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', status, reason)"),
                     "REJECTED EXCHANGE_UNAVAILABLE", "asked at last, and never known there");
    expect_executions("0");
}

Test(retry, an_execution_that_is_held_back_is_a_doubt_until_it_comes)
{
    floor_tell_exchange(&floor_, "fault delay ms=600000");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    cr_expect_str_eq(floor_order(&floor_, id, "reason"), "QUANTITY_DIFFERS");
    floor_tell_exchange(&floor_, "fault clear");
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "RECOVERED IN_DOUBT RECOVERED FILLED");
    expect_executions("1");
}

Test(retry, a_report_that_is_late_is_asked_for)
{
    floor_tell_exchange(&floor_, "fault withhold until=query report=fill");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    cr_expect_str_eq(floor_order(&floor_, id, "next_check_at - updated_at"), "00:00:01");
    floor_await_order(&floor_, id, "status", "FILLED");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "FILLED");
    expect_executions("1");
}

Test(retry, an_order_that_rests_is_not_asked_about)
{
    struct uuid id = admit_resting();
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    cr_expect_str_eq(floor_order(&floor_, id, "next_check_at"), "");
}

/* The exchange has read the message. */
static void await_swallowed(void)
{
    bool fired = false;
    while (!fired) {
        CLEANUP(buffer_release) struct buffer faults = floor_control(&floor_, "fault list");
        fired = faults.length > 0 && strstr(faults.data, "\"fired\":1") != NULL;
    }
}

Test(retry, the_retry_survives_the_executor)
{
    floor_tell_exchange(&floor_, "fault swallow message=order");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    cr_expect_str_eq(floor_order(&floor_, id, "next_check_at - updated_at"), "00:00:00.5");
    await_swallowed();
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, id, "status", "FILLED");
    cr_expect_str_eq(floor_order(&floor_, id, "attempts"), "2");
    cr_expect_str_eq(floor_trail(&floor_, id), SENT "RETRIED FILLED");
    expect_executions("1");
}

Test(retry, an_exchange_that_is_gone_leaves_doubt_and_its_return_ends_it)
{
    floor_tell_exchange(&floor_, "fault drop-after message=order");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "SENT");
    await_log("exchange-sim", "\"fault_fired\"");
    floor_kill_exchange(&floor_);
    struct uuid waits = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "status <> 'PENDING' OR execution_state = 'IN_DOUBT'", "t");
    floor_restart_exchange(&floor_);
    floor_await_order(&floor_, id, "status", "FILLED");
    floor_await_order(&floor_, waits, "status", "FILLED");
    cr_expect_str_eq(floor_order(&floor_, id, "attempts"), "1");
    expect_executions("2");
}

Test(retry, every_line_of_many_is_cut_and_each_order_is_executed_once)
{
    enum { ROUNDS = 10 };
    floor_tell_exchange(&floor_, "fault drop-before message=order chance=0.05 seed=7 always");
    floor_tell_exchange(&floor_, "fault drop-after message=order chance=0.05 seed=8 always");
    for (int i = 0; i < ROUNDS; i++) {
        for (size_t trader = 0; trader < FLOOR_TRADERS; trader++) {
            struct floor_order buy = market_buy;
            buy.trader = trader;
            (void)floor_admit(&floor_, &buy, 3, true);
        }
        (void)poll(NULL, 0, 50);
    }
    (void)poll(NULL, 0, 1000);
    floor_tell_exchange(&floor_, "fault clear");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT count(*) FROM oxe.execution_logs WHERE action = 'RECOVERED' OR action = 'RETRIED'")[0] ==
                '0'
            ? "none"
            : "some",
        "some");
    cr_expect_str_eq(floor_value(&floor_, "SELECT max(attempts) <= 3 FROM oxe.orders"), "t");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE status NOT IN ('FILLED', 'REJECTED')"),
        "0");
}
