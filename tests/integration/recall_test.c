/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange has, against what it says of it: doubt that stays, orders that are DONE here and alive
 * there, and strays. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;

static void begin(const char *refuses_known_ids)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "100ms", 1), 0);
    cr_assert_eq(setenv("ORDER_STATUS_UPDATE_TIMEOUT", "1s", 1), 0);
    cr_assert_eq(setenv("EXCHANGE_API_RATE_LIMIT", "0", 1), 0);
    cr_assert_eq(setenv("OXE_VENUE_REFUSES_KNOWN_IDS", refuses_known_ids, 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
}

static void set_up(void)
{
    begin("true");
}

static void set_up_careful(void)
{
    begin("false");
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(recall, .init = set_up, .fini = tear_down, .timeout = 120);

/* A BUY of 10 that rests at 140. */
static const struct floor_order resting = {.symbol = "AAPL",
                                           .side = SIDE_BUY,
                                           .order_type = ORDER_TYPE_LIMIT,
                                           .time_in_force = TIME_IN_FORCE_DAY,
                                           .quantity = 10,
                                           .price = "140",
                                           .reserve_price = "140"};

/* What the exchange has of its only order. */
static void expect_there(const char *status)
{
    CLEANUP(buffer_release) struct buffer orders = floor_control(&floor_, "orders");
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "\"status\":\"%s\"", status);
    cr_assert_gt(orders.length, 0, "the exchange has none");
    cr_expect_not_null(strstr(orders.data, wanted), "%s", orders.data);
    cr_expect_eq(strchr(orders.data, '\n'), orders.data + orders.length - 1, "one order: %s", orders.data);
}

Test(recall, an_exchange_that_denies_what_it_has_shown_to_have_leaves_doubt_also_across_a_restart)
{
    floor_tell_exchange(&floor_, "fault withhold until=never report=ack,fill");
    floor_tell_exchange(&floor_, "fault refuse message=query always");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "concat_ws(' ', execution_state, reason, venue_known)",
                      "IN_DOUBT UNKNOWN_AT_EXCHANGE t");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0' AND epoch > 1", "4");
    for (int asked = 0; asked < 2; asked++) { /* and denied each time */
        char later[160];
        (void)snprintf(later, sizeof(later), "next_check_at > '%s'::timestamptz",
                       floor_order(&floor_, id, "next_check_at"));
        floor_await_order(&floor_, id, later, "t");
    }
    cr_expect_str_eq(floor_order(&floor_, id, "concat_ws(' ', execution_state, reason)"),
                     "IN_DOUBT UNKNOWN_AT_EXCHANGE");
    expect_there("NEW");
    /* The trader's cancel reaches it all the same. */
    floor_tell_exchange(&floor_, "fault clear");
    floor_cancel(&floor_, id, true);
    floor_await_order(&floor_, id, "status", "CANCELLED");
    expect_there("CANCELLED");
    floor_check(&floor_);
}

/* The exchange has it and says nothing; operations end it here. */
static struct uuid resolve_alive(enum resolve_action action)
{
    floor_tell_exchange(&floor_, "fault withhold until=never report=ack");
    floor_tell_exchange(&floor_, "fault swallow message=query always");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    expect_there("NEW");
    floor_resolve(&floor_, id, action, NULL, NULL, NULL, true);
    floor_await_order(&floor_, id, "execution_state", "DONE");
    return id;
}

Test(recall, what_operations_end_is_cancelled_at_the_exchange)
{
    struct uuid id = resolve_alive(RESOLVE_ACTION_CANCEL);
    floor_await_order(&floor_, id, "coalesce(recalls::text, 'gone')", "gone");
    expect_there("CANCELLED");
    floor_await(&floor_, "SELECT count(*) FROM oxe.open_orders", "0");
    floor_check(&floor_);
}

Test(recall, a_recall_outlives_the_executor)
{
    floor_tell_exchange(&floor_, "fault swallow message=cancel always");
    struct uuid id = resolve_alive(RESOLVE_ACTION_REJECT);
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_tell_exchange(&floor_, "fault clear");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, id, "coalesce(recalls::text, 'gone')", "gone");
    expect_there("CANCELLED");
    cr_expect_str_eq(floor_order(&floor_, id, "status"), "REJECTED");
    floor_check(&floor_);
}

Test(recall, where_known_ids_are_not_refused_an_order_that_got_lost_is_not_sent_again, .init = set_up_careful)
{
    floor_tell_exchange(&floor_, "fault swallow message=order");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "concat_ws(' ', execution_state, attempts, reason)",
                      "IN_DOUBT 1 UNKNOWN_AT_EXCHANGE");
}

Test(recall, a_stray_fill_is_kept_whole_with_an_alarm)
{
    floor_tell_exchange(&floor_, "fault stray id=STRANGER quantity=7 session=OXE-L0");
    floor_await(&floor_,
                "SELECT concat_ws(' ', kind, trim_scale(quantity), cl_ord_id, exec_type, price > 0, "
                "venue_exec_id <> '', position('\\x3135303d46'::bytea IN message) > 0) FROM oxe.put_aside",
                "UNKNOWN_ORDER 7 STRANGER F t t t");
}
