/* SPDX-License-Identifier: Apache-2.0 */
/* What people see of the lanes' sessions at the exchange, and what becomes of orders when the exchange loses
 * its books. Between a real PostgreSQL and a real exchange-sim. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/process.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;
static char lane[8]; /* that the orders take */

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "157.5"};
static const struct floor_order resting_buy = {.symbol = "AAPL",
                                               .side = SIDE_BUY,
                                               .order_type = ORDER_TYPE_LIMIT,
                                               .time_in_force = TIME_IN_FORCE_DAY,
                                               .quantity = 10,
                                               .price = "100",
                                               .reserve_price = "100"};

static void set_up(void)
{
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    (void)snprintf(lane, sizeof(lane), "%s", floor_order(&floor_, id, "lane"));
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE session = 'READY' AND why IS NULL", "4");
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(session, .init = set_up, .fini = tear_down, .timeout = 120);

static void misbehave(const char *fault)
{
    char command[128];
    (void)snprintf(command, sizeof(command), "fault %s session=OXE-L%s", fault, lane);
    floor_tell_exchange(&floor_, command);
}

static void lose_books(void)
{
    char folder[96];
    floor_kill_exchange(&floor_);
    (void)snprintf(folder, sizeof(folder), "%s/exchange", floor_.directory);
    process_remove_tree(folder);
}

static void await_lane(const char *expression, const char *wanted)
{
    char query[256];
    (void)snprintf(query, sizeof(query), "SELECT %s FROM oxe.lanes WHERE lane = %s", expression, lane);
    floor_await(&floor_, query, wanted);
}

static bool is_logged(const char *event, const char *field)
{
    char path[128], line[2048];
    bool found = false;
    (void)snprintf(path, sizeof(path), "%s/executor.log", floor_.directory);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (!found && fgets(line, sizeof(line), file) != NULL)
        found = strstr(line, event) != NULL && strstr(line, field) != NULL;
    (void)fclose(file);
    return found;
}

/* An order that the exchange has executed, and has said nothing of. */
static struct uuid withheld(void)
{
    misbehave("withhold until=never");
    struct uuid id = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_at_exchange(&floor_, id, "10");
    return id;
}

static void expect_doubt(struct uuid id)
{
    floor_await_order(&floor_, id, "execution_state", "IN_DOUBT");
    cr_expect_str_eq(floor_order(&floor_, id, "reason"), "UNKNOWN_AT_EXCHANGE");
    cr_expect_str_eq(floor_order(&floor_, id, "attempts"), "1",
                     "it may have been executed: never sent again");
}

Test(session, an_exchange_that_lost_its_books_is_traded_with_again)
{
    struct uuid resting = floor_admit(&floor_, &resting_buy, 1, true);
    floor_await_order(&floor_, resting, "execution_state", "WORKING");
    struct uuid unanswered = withheld();
    lose_books();
    struct uuid waiting = floor_admit(&floor_, &market_buy, 1, true);
    floor_restart_exchange(&floor_);
    expect_doubt(resting);
    expect_doubt(unanswered);
    floor_await_order(&floor_, waiting, "status", "FILLED");
    struct uuid next = floor_admit(&floor_, &market_buy, 1, true);
    floor_await_order(&floor_, next, "status", "FILLED");
    await_lane("session", "READY");
    await_lane("renumbered_at IS NOT NULL AND in_seq < 100", "t");
    floor_await_probe(&floor_, 0, "/readyz", "4 of 4 lanes are up");
    cr_expect(is_logged("\"lane_begins_anew\"", "was expected"));
}

static void copy_journal(const char *from, const char *to)
{
    char path[128], bytes[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", floor_.directory, from);
    FILE *in = fopen(path, "re");
    (void)snprintf(path, sizeof(path), "%s/%s", floor_.directory, to);
    FILE *out = fopen(path, "we");
    cr_assert(in != NULL && out != NULL);
    for (size_t got; (got = fread(bytes, 1, sizeof(bytes), in)) > 0;)
        cr_assert_eq(fwrite(bytes, 1, got, out), got);
    (void)fclose(in);
    cr_assert_eq(fclose(out), 0);
}

/* The exchange is restored from a backup, and trades before we log on: its reports have numbers that we have
 * had from it before. */
Test(session, what_a_restored_exchange_executes_meanwhile_is_fetched)
{
    struct uuid resting = floor_admit(&floor_, &resting_buy, 1, true);
    floor_await_order(&floor_, resting, "execution_state", "WORKING");
    floor_kill_exchange(&floor_);
    copy_journal("exchange/journal", "backup");
    floor_restart_exchange(&floor_);
    for (int i = 0; i < 5; i++)
        floor_await_order(&floor_, floor_admit(&floor_, &market_buy, 1, true), "status", "FILLED");
    struct uuid forgotten = floor_admit(&floor_, &resting_buy, 1, true);
    floor_await_order(&floor_, forgotten, "execution_state", "WORKING");
    (void)floor_stop_executor(&floor_, 0, SIGKILL);
    floor_kill_exchange(&floor_);
    copy_journal("backup", "exchange/journal");
    floor_restart_exchange(&floor_);
    floor_tell_exchange(&floor_, "price AAPL 99");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_order(&floor_, resting, "status", "FILLED");
    expect_doubt(forgotten);
    await_lane("renumbered_at IS NOT NULL", "t");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills"), "7");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.put_aside"), "0",
                     "what is repeated is old news");
}

/* The owner that heard of it is gone; what it wrote down counts for the next one. */
Test(session, what_began_anew_is_known_to_the_next_owner)
{
    struct uuid unanswered = withheld();
    (void)floor_stop_executor(&floor_, 0, SIGKILL);
    lose_books();
    floor_restart_exchange(&floor_);
    floor_sql(&floor_, "UPDATE oxe.lanes SET in_seq = 0, renumbered_at = now()");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    expect_doubt(unanswered);
}

Test(session, a_refused_logon_is_seen_and_one_lane_stops_no_other)
{
    char text[256];
    misbehave("refuse message=logon always");
    misbehave("drop-before message=any");
    await_lane("session", "REFUSED");
    await_lane("why", "logout by the exchange: Logon refused: the exchange takes nobody now (tag 0)");
    (void)snprintf(text, sizeof(text), "3 of 4 lanes are up; lane %s: logout by the exchange: Logon refused",
                   lane);
    floor_await_probe(&floor_, 0, "/readyz", text);
    cr_expect_not_null(strstr(floor_probe(&floor_, 0, "/readyz"), "HTTP/1.1 200"),
                       "a restart would mend nothing");
    cr_expect_not_null(strstr(floor_probe(&floor_, 0, "/readyz"), "\"status\":\"degraded\""));
    (void)snprintf(text, sizeof(text), "oxe_executor_lane_down{service=\"executor\",lane=\"%s\"} 1\n", lane);
    floor_await_probe(&floor_, 0, "/metrics", text);
    cr_expect_null(strstr(floor_probe(&floor_, 0, "/metrics"),
                          "oxe_executor_logons_refused_total{service=\"executor\"} 0\n"));
    cr_expect(is_logged("\"lane_refused\"", "\"in_expected\""));
    struct uuid waiting = floor_admit(&floor_, &market_buy, 1, true);
    for (size_t trader = 1; trader < FLOOR_TRADERS; trader++) {
        struct floor_order other = market_buy;
        other.trader = trader;
        struct uuid id = floor_admit(&floor_, &other, 1, true);
        if (strcmp(floor_order(&floor_, id, "lane"), lane) != 0)
            floor_await_order(&floor_, id, "status", "FILLED");
    }
    cr_expect_str_eq(floor_order(&floor_, waiting, "execution_state"), "ADMITTED");
    floor_tell_exchange(&floor_, "fault clear");
    floor_await_order(&floor_, waiting, "status", "FILLED");
    await_lane("session || coalesce(why, '')", "READY");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(session, since_when_a_lane_is_down_does_not_begin_anew_with_another_reason)
{
    misbehave("refuse message=logon always");
    misbehave("drop-before message=any");
    await_lane("session", "REFUSED");
    floor_sql(&floor_, "UPDATE oxe.lanes SET session_at = session_at - interval '1 hour'");
    floor_kill_exchange(&floor_);
    await_lane("session || ': ' || why", "DOWN: no connection: Connection refused");
    await_lane("session_at < now() - interval '59 minutes'", "t");
    floor_restart_exchange(&floor_);
    await_lane("session", "READY");
    await_lane("session_at > now() - interval '1 minute'", "t");
}

Test(session, an_exchange_that_is_away_is_seen)
{
    floor_kill_exchange(&floor_);
    await_lane("session || ': ' || why", "DOWN: no connection: Connection refused");
    floor_await_probe(&floor_, 0, "/readyz",
                      "0 of 4 lanes are up; lane 0: no connection: Connection refused");
    floor_restart_exchange(&floor_);
    await_lane("session", "READY");
}
