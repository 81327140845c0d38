/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a day: a real exchange, executor and PostgreSQL agree, and whatever is changed behind their
 * backs is found by name, with both sides. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

enum { UNDO_MS = 1000 };

static struct floor floor_;
static char said[65536];

/* oxectl as operations; its words are in `said`. Returns its exit status. */
static int oxectl(const char *arguments)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), "\"$OXE_CTL_BINARY\" %s 2>&1", arguments);
    FILE *pipe = popen(line, "re"); // NOLINT(cert-env33-c): a test's own line
    cr_assert_not_null(pipe);
    size_t length = fread(said, 1, sizeof(said) - 1, pipe);
    said[length] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

static void begin(void)
{
    char text[256], host[128];

    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
    cr_assert_eq(sscanf(postgres_conninfo(floor_.postgres), "host=%127s", host), 1);
    (void)snprintf(text, sizeof(text), "host=%s dbname=postgres user=oxe_operations", host);
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", floor_.control_port);
    (void)setenv("OXE_SIM_CONTROL", text, 1);
}

static size_t count_differences(void)
{
    size_t count = 0;

    for (const char *at = said; (at = strstr(at, "{\"difference\":")) != NULL; at++)
        count++;
    return count;
}

static const struct floor_order market_buy = {.symbol = "AAPL",
                                              .side = SIDE_BUY,
                                              .order_type = ORDER_TYPE_MARKET,
                                              .time_in_force = TIME_IN_FORCE_DAY,
                                              .quantity = 10,
                                              .reserve_price = "160"};
static const struct floor_order resting = {.trader = 1,
                                           .symbol = "AAPL",
                                           .side = SIDE_BUY,
                                           .order_type = ORDER_TYPE_LIMIT,
                                           .time_in_force = TIME_IN_FORCE_DAY,
                                           .quantity = 7,
                                           .price = "140",
                                           .reserve_price = "140",
                                           .expires_in_ms = 60 * 60 * 1000};

#define FIRST_FILL "(SELECT id FROM oxe.fills ORDER BY id LIMIT 1)"

/* Changed behind everybody's back, and changed back. */
static const struct {
    const char *change, *undo;
    const char *words[4]; /* of the differences, each with its kind */
} cases[] = {
    {"UPDATE oxe.fills SET price_at_fill = price_at_fill + 1 WHERE id = " FIRST_FILL,
     "UPDATE oxe.fills SET price_at_fill = price_at_fill - 1 WHERE id = " FIRST_FILL,
     {"{\"difference\":\"execution\",\"subject\":\"E", "\"difference\":\"cash\""}},
    {"UPDATE oxe.fills SET quantity_filled = 9 WHERE id = " FIRST_FILL,
     "UPDATE oxe.fills SET quantity_filled = 10 WHERE id = " FIRST_FILL,
     {"\"there\":\"BUY 10 AAPL at 150", "\"difference\":\"cash\"",
      "\"there\":\"1019 by its fills\",\"here\":\"1020\"", "\"there\":\"9 by its fills\",\"here\":\"10\""}},
    {"UPDATE oxe.fills SET side = 'SELL' WHERE id = " FIRST_FILL,
     "UPDATE oxe.fills SET side = 'BUY' WHERE id = " FIRST_FILL,
     {"\"here\":\"SELL 10 AAPL at 150", "\"difference\":\"cash\"", "\"difference\":\"position\""}},
    {"CREATE TABLE lost AS SELECT * FROM oxe.fills WHERE id = " FIRST_FILL
     "; DELETE FROM oxe.fills WHERE id = " FIRST_FILL,
     "INSERT INTO oxe.fills SELECT * FROM lost",
     {"\"here\":\"-\"", "\"difference\":\"cash\"", "\"difference\":\"position\"",
      "\"difference\":\"filled quantity\""}},
    {"INSERT INTO oxe.fills SELECT gen_random_uuid(), order_id, trader_id, symbol, side, quantity_filled, "
     "price_at_fill, venue, 'E-9', flag, timestamp FROM oxe.fills WHERE id = " FIRST_FILL,
     "DELETE FROM oxe.fills WHERE venue_exec_id = 'E-9'",
     {"\"subject\":\"E-9 of order ", "\"difference\":\"cash\"", "\"difference\":\"position\"",
      "\"difference\":\"filled quantity\""}},
    {"UPDATE oxe.positions SET quantity = quantity + 1 WHERE quantity > 1000",
     "UPDATE oxe.positions SET quantity = quantity - 1 WHERE quantity > 1000",
     {"\"difference\":\"position\",\"subject\":\"AAPL of "}},
    {"UPDATE oxe.traders SET cash = cash - 0.01 WHERE cash < opening_cash",
     "UPDATE oxe.traders SET cash = cash + 0.01 WHERE cash < opening_cash",
     {"\"difference\":\"cash\",\"subject\":\"of "}},
    {"UPDATE oxe.orders SET filled_quantity = 3 WHERE execution_state = 'WORKING'",
     "UPDATE oxe.orders SET filled_quantity = 0 WHERE execution_state = 'WORKING'",
     {"\"there\":\"7 open\",\"here\":\"4 open\"", "\"difference\":\"filled quantity\""}},
    {"CREATE TABLE closed AS SELECT * FROM oxe.open_orders; DELETE FROM oxe.open_orders",
     "INSERT INTO oxe.open_orders SELECT * FROM closed",
     {"{\"difference\":\"open order\",\"subject\":\"order "}},
    {"UPDATE oxe.orders SET expires_at = expires_at - interval '1 day' WHERE execution_state = 'WORKING'",
     "UPDATE oxe.orders SET expires_at = expires_at + interval '1 day' WHERE execution_state = 'WORKING'",
     {"{\"difference\":\"DAY order\",\"subject\":\"order "}},
};

Test(eod, what_was_changed_is_found_with_both_sides, .timeout = 180)
{
    char text[128];

    begin();
    floor_await_order(&floor_, floor_admit(&floor_, &market_buy, 1, true), "status", "FILLED");
    floor_await_order(&floor_, floor_admit(&floor_, &market_buy, 1, true), "status", "FILLED");
    struct uuid id = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, id, "execution_state", "WORKING");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGTERM), 0);
    floor_sql(&floor_, "SET session_replication_role = replica");

    cr_expect_eq(oxectl("eod"), 0, "%s", said);
    cr_expect_not_null(strstr(said, "no difference\n"), "%s", said);
    cr_expect_not_null(strstr(said, "orders      PENDING 1, FILLED 2\n"), "%s", said);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t words = 0;
        floor_sql(&floor_, "%s", cases[i].change);
        cr_expect_eq(oxectl("eod --json"), 1, "%s: %s", cases[i].change, said);
        for (; words < ARRAY_LEN(cases[i].words) && cases[i].words[words] != NULL; words++)
            cr_expect_not_null(strstr(said, cases[i].words[words]), "%s: no %s in %s", cases[i].change,
                               cases[i].words[words], said);
        cr_expect_eq(count_differences(), words, "%s: %s", cases[i].change, said);
        floor_sql(&floor_, "%s", cases[i].undo);
    }
    cr_expect_eq(oxectl("eod"), 0, "%s", said);

    /* What the exchange no longer works. */
    char order[UUID_TEXT_MAX];
    uuid_format(id, order);
    (void)snprintf(text, sizeof(text), "cancel %s", order);
    floor_tell_exchange(&floor_, text);
    cr_expect_eq(oxectl("eod"), 1);
    cr_expect_not_null(strstr(said, "open order"), "%s", said);
    /* In doubt it is none, but it is told. */
    floor_sql(&floor_,
              "UPDATE oxe.orders SET execution_state = 'IN_DOUBT' WHERE execution_state = 'WORKING'");
    cr_expect_eq(oxectl("eod"), 0, "%s", said);
    cr_expect_not_null(strstr(said, "in doubt    1: 'oxectl doubts' lists them"), "%s", said);
    floor_end(&floor_);
}

static void *undo_soon(void *sql)
{
    (void)poll(NULL, 0, UNDO_MS);
    floor_sql(&floor_, "%s", (const char *)sql);
    return NULL;
}

Test(eod, what_is_on_its_way_is_no_difference, .timeout = 120)
{
    pthread_t thread;

    begin();
    floor_await_order(&floor_, floor_admit(&floor_, &market_buy, 1, true), "status", "FILLED");
    floor_await_quiet(&floor_);
    floor_sql(&floor_, "SET session_replication_role = replica");
    floor_sql(&floor_, "UPDATE oxe.traders SET cash = cash - 1 WHERE cash < opening_cash");
    cr_expect_eq(oxectl("eod"), 1, "%s", said);
    /* As if a commit came a second after the exchange was asked. */
    cr_assert_eq(pthread_create(&thread, NULL, undo_soon,
                                (void *)"UPDATE oxe.traders SET cash = cash + 1 WHERE cash < opening_cash"),
                 0);
    int status = oxectl("eod");
    (void)pthread_join(thread, NULL);
    cr_expect_eq(status, 0, "%s", said);
    floor_end(&floor_);
}

Test(eod, the_exchanges_books_may_be_files, .timeout = 120)
{
    char line[512];

    begin();
    floor_await_order(&floor_, floor_admit(&floor_, &market_buy, 3, true), "status", "FILLED");
    floor_await_quiet(&floor_);
    (void)setenv("BOOKS", floor_.directory, 1);
    cr_expect_eq(oxectl("sim executions >$BOOKS/executions && \"$OXE_CTL_BINARY\" sim orders >$BOOKS/orders"),
                 0);
    (void)setenv("OXE_SIM_CONTROL", "127.0.0.1:9", 1); /* nobody is asked */
    static const char files[] = "eod --executions $BOOKS/executions --orders $BOOKS/orders";
    cr_expect_eq(oxectl(files), 0, "%s", said);
    /* Another day had nothing, there and here. */
    (void)snprintf(line, sizeof(line),
                   "eod 2026-01-05 --json --executions $BOOKS/executions --orders $BOOKS/orders");
    cr_expect_eq(oxectl(line), 0, "%s", said);
    cr_expect_not_null(strstr(said, "\"there\":{\"executions\":0,\"bought\":0,\"sold\":0}"), "%s", said);
    cr_expect_eq(system("sed -i 1d $BOOKS/executions"), 0); // NOLINT(cert-env33-c): a test's own line
    cr_expect_eq(oxectl(files), 1, "%s", said);
    cr_expect_not_null(strstr(said, "\nexecution "), "%s", said);
    cr_expect_eq(system("echo garbage >>$BOOKS/executions"), 0); // NOLINT(cert-env33-c): a test's own line
    cr_expect_eq(oxectl(files), 2, "%s", said);
    cr_expect_eq(oxectl("eod"), 2, "%s", said);
    cr_expect_eq(oxectl("eod yesterday"), 64, "%s", said);
    floor_end(&floor_);
}
