/* SPDX-License-Identifier: Apache-2.0 */
/* What the line to the exchange does to an order: silence, gaps, numbers that begin anew. Between a real
 * PostgreSQL and a real exchange-sim that misbehaves on command. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;
static char session[16]; /* of the lane that the orders take */

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};

/* A first order shows that the lane's session stands: no fault meets its logon. */
static void set_up(void)
{
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    (void)snprintf(session, sizeof(session), "OXE-L%s", floor_order(&floor_, id, "lane"));
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(line_fault, .init = set_up, .fini = tear_down, .timeout = 120);

static void misbehave(const char *fault)
{
    char command[96];
    (void)snprintf(command, sizeof(command), "fault %s session=%s", fault, session);
    floor_tell_exchange(&floor_, command);
}

static void expect_fills(const char *count)
{
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills"), count);
    floor_check(&floor_);
}

/* A line of the executor's log that names the event, the order and a trace. */
static bool is_logged(const char *event, struct uuid id)
{
    char path[128], line[1024], text[UUID_TEXT_MAX];
    bool found = false;
    uuid_format(id, text);
    (void)snprintf(path, sizeof(path), "%s/executor.log", floor_.directory);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (!found && fgets(line, sizeof(line), file) != NULL)
        found = strstr(line, event) != NULL && strstr(line, text) != NULL && strstr(line, "trace_id") != NULL;
    (void)fclose(file);
    return found;
}

Test(line_fault, a_lost_line_is_logged_with_each_order_that_waits)
{
    misbehave("drop-after message=order");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect(is_logged("retry_needed", id));
    expect_fills("2");
}

Test(line_fault, a_silent_line_is_left_and_its_order_is_executed_at_most_once)
{
    misbehave("half-open message=order ms=8000");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "DONE");
    cr_expect_str_eq(
        floor_order(&floor_, id, "status = 'FILLED' OR (status = 'REJECTED' AND filled_quantity = 0)"), "t");
    floor_check(&floor_);
}

Test(line_fault, what_a_gap_has_swallowed_is_repeated)
{
    misbehave("gap n=5");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    cr_expect_str_eq(floor_order(&floor_, id, "attempts"), "1");
    expect_fills("2");
}

/* The exchange begins its numbers anew and forgets what it has said: the execution is never told, only
 * counted in the answer to a question. */
Test(line_fault, an_execution_lost_in_a_sequence_reset_is_entered_by_operations)
{
    char exec_id[65], command[96];
    /* Each logon, not the next one: on a busy machine the session may be lost and stand again before the
     * order is sent, and the reset that the order is to meet would be over. */
    (void)snprintf(command, sizeof(command), "fault reset-logon session=%s always", session);
    floor_tell_exchange(&floor_, command);
    misbehave("drop-after message=order");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    floor_tell_exchange(&floor_, "fault clear");
    cr_expect_str_eq(floor_order(&floor_, id, "reason"), "QUANTITY_DIFFERS");
    CLEANUP(buffer_release) struct buffer said = floor_control(&floor_, "executions");
    (void)snprintf(exec_id, sizeof(exec_id), "%s",
                   floor_value(&floor_, "SELECT split_part('%s', E'\\n', 2)::json->>'exec_id'", said.data));
    floor_resolve(&floor_, id, RESOLVE_ACTION_FILL, "10", "150.01", exec_id, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    expect_fills("2");
    id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    expect_fills("3");
}
