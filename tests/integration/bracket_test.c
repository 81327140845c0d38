/* SPDX-License-Identifier: Apache-2.0 */
/* Brackets as the lane's owner works them, between a real PostgreSQL and a
 * real exchange-sim: legs at the entry's first fill, resized with each
 * further one, one cancels the other; also when the exchange misbehaves.
 *
 * Long: one floor of database, exchange and executor serves all cases. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/trading_floor.h"

static struct floor floor_;

static void set_up(void)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "100ms", 1), 0);
    cr_assert_eq(setenv("ORDER_STATUS_UPDATE_TIMEOUT", "1s", 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
}

static void tear_down(void)
{
    floor_end(&floor_);
}

TestSuite(bracket, .init = set_up, .fini = tear_down, .timeout = 120);

/* BUY 10 at the market of 150, protected at 140, with 160 as its goal. */
static const struct floor_order market = {.symbol = "AAPL",
                                          .side = SIDE_BUY,
                                          .order_type = ORDER_TYPE_MARKET,
                                          .time_in_force = TIME_IN_FORCE_DAY,
                                          .quantity = 10,
                                          .reserve_price = "155",
                                          .stop_loss = "140",
                                          .take_profit = "160"};
/* The same as a LIMIT that rests at 149.9, where only clients meet it. */
static const struct floor_order resting = {.symbol = "AAPL",
                                           .side = SIDE_BUY,
                                           .order_type = ORDER_TYPE_LIMIT,
                                           .time_in_force = TIME_IN_FORCE_DAY,
                                           .quantity = 10,
                                           .price = "149.9",
                                           .reserve_price = "149.9",
                                           .stop_loss = "140",
                                           .take_profit = "160"};

/* An expression over the columns of the entry's latest leg of the type. */
static const char *leg(struct uuid entry, const char *type, const char *expression)
{
    char id[UUID_TEXT_MAX];
    uuid_format(entry, id);
    return floor_value(&floor_,
                       "SELECT %s FROM oxe.orders WHERE parent_order_id = '%s' AND order_type = '%s' "
                       "ORDER BY id DESC LIMIT 1",
                       expression, id, type);
}

static struct uuid leg_id(struct uuid entry, const char *type)
{
    struct uuid id = {{0}};
    const char *text = leg(entry, type, "id");
    cr_assert_eq(uuid_parse(text, strlen(text), &id), 0, "there is no %s leg: '%s'", type, text);
    return id;
}

static void await_leg(struct uuid entry, const char *type, const char *expression, const char *wanted)
{
    char id[UUID_TEXT_MAX], query[512];
    uuid_format(entry, id);
    (void)snprintf(
        query, sizeof(query),
        "SELECT %s FROM oxe.orders WHERE parent_order_id = '%s' AND order_type = '%s' ORDER BY id DESC "
        "LIMIT 1",
        expression, id, type);
    floor_await(&floor_, query, wanted);
}

static void await_working(struct uuid entry)
{
    await_leg(entry, "STOP", "execution_state", "WORKING");
    await_leg(entry, "LIMIT", "execution_state", "WORKING");
}

/* Another trader's LIMIT order, which only meets clients' orders. */
static void trade(enum side side, int quantity, const char *price)
{
    const struct floor_order order = {.trader = 1,
                                      .symbol = "AAPL",
                                      .side = side,
                                      .order_type = ORDER_TYPE_LIMIT,
                                      .time_in_force = TIME_IN_FORCE_DAY,
                                      .quantity = quantity,
                                      .price = price,
                                      .reserve_price = side == SIDE_BUY ? price : NULL};
    struct uuid id = floor_admit(&floor_, &order, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
}

static const char *position(const char *expression)
{
    return floor_value(
        &floor_,
        "SELECT %s FROM oxe.positions p JOIN oxe.traders t ON t.id = p.trader_id WHERE t.subject = "
        "'trader-0' AND symbol = 'AAPL'",
        expression);
}

static void expect_end(struct uuid entry, const char *stop, const char *profit)
{
    floor_await_quiet(&floor_);
    cr_expect_str_eq(leg(entry, "STOP", "concat_ws(' ', status, trim_scale(filled_quantity))"), stop);
    cr_expect_str_eq(leg(entry, "LIMIT", "concat_ws(' ', status, trim_scale(filled_quantity))"), profit);
    cr_expect_str_eq(position("trim_scale(open_sell)"), "0");
    floor_check(&floor_);
}

#define SENT "SUBMITTED APPROVED EXECUTED"

Test(bracket, the_first_fill_makes_a_pair_that_counts_once)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    cr_expect_str_eq(
        leg(entry, "STOP", "concat_ws(' ', side, time_in_force, trim_scale(quantity), trim_scale(price))"),
        "SELL GTC 10 140");
    cr_expect_str_eq(
        leg(entry, "LIMIT", "concat_ws(' ', side, time_in_force, trim_scale(quantity), trim_scale(price))"),
        "SELL GTC 10 160");
    cr_expect_str_eq(position("concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "1010 10");
    cr_expect_str_eq(floor_value(&floor_, "SELECT open_orders FROM oxe.traders WHERE subject = 'trader-0'"),
                     "2");
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "STOP")), SENT);
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "LIMIT")), SENT);
    floor_check(&floor_);
}

Test(bracket, the_take_profit_cancels_the_stop_loss)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    floor_tell_exchange(&floor_, "price AAPL 161");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "STOP")), SENT " CANCEL_REQUESTED CANCELLED");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT reason FROM oxe.execution_logs WHERE action = 'CANCEL_REQUESTED'"),
        "OCO");
}

Test(bracket, the_stop_loss_cancels_the_take_profit)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    floor_tell_exchange(&floor_, "price AAPL 139");
    expect_end(entry, "FILLED 10", "CANCELLED 0");
}

Test(bracket, one_leg_alone_needs_no_other)
{
    struct floor_order order = market;
    order.take_profit = NULL;
    struct uuid entry = floor_admit(&floor_, &order, 1, true);
    await_leg(entry, "STOP", "execution_state", "WORKING");
    cr_expect_str_eq(leg(entry, "LIMIT", "id"), "");
    floor_tell_exchange(&floor_, "price AAPL 139");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

Test(bracket, each_further_fill_resizes_the_legs_at_the_exchange)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "4");
    trade(SIDE_SELL, 5, "149.9");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "9");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "9");
    trade(SIDE_SELL, 1, "149.9");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "10");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "10");
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE parent_order_id IS NOT NULL"), "2");
    trade(SIDE_BUY, 10, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
}

Test(bracket, an_entry_cancelled_after_a_fill_leaves_its_legs)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    floor_cancel(&floor_, entry, true);
    floor_await_order(&floor_, entry, "status", "CANCELLED");
    cr_expect_str_eq(leg(entry, "STOP", "concat_ws(' ', execution_state, trim_scale(quantity))"),
                     "WORKING 4");
    trade(SIDE_BUY, 4, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 4");
}

Test(bracket, a_leg_filled_in_part_shrinks_the_other)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    trade(SIDE_BUY, 4, "160");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "6");
    cr_expect_str_eq(position("concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "1006 6");
    trade(SIDE_BUY, 6, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
}

Test(bracket, a_leg_filled_in_part_before_the_entry_is_done_grows_on)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 6, "149.9");
    await_working(entry);
    trade(SIDE_BUY, 2, "160");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "4");
    trade(SIDE_SELL, 4, "149.9");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "8");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "10");
    trade(SIDE_BUY, 8, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
}

Test(bracket, a_fill_after_the_pair_has_closed_makes_another)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 6, "149.9");
    await_working(entry);
    trade(SIDE_BUY, 6, "160");
    await_leg(entry, "STOP", "status", "CANCELLED");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    cr_expect_str_eq(
        floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE parent_order_id IS NOT NULL"), "4");
    trade(SIDE_BUY, 4, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 4");
}

Test(bracket, a_late_fill_of_a_finished_entry_makes_its_own_pair)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    floor_tell_exchange(&floor_, "fault late-fill ms=300");
    floor_cancel(&floor_, entry, true);
    floor_await(&floor_, "SELECT count(*) FROM oxe.fills WHERE flag = 'LATE'", "1");
    floor_await(
        &floor_,
        "SELECT count(*) FROM oxe.orders WHERE parent_order_id IS NOT NULL AND execution_state = 'WORKING'",
        "4");
    floor_tell_exchange(&floor_, "fault clear");
    floor_tell_exchange(&floor_, "price AAPL 161");
    expect_end(entry, "CANCELLED 0", "FILLED 6");
}

Test(bracket, both_legs_executed_are_counted_flagged_and_shown)
{
    char command[128], id[UUID_TEXT_MAX];
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    uuid_format(leg_id(entry, "LIMIT"), id);
    /* We learn of the take profit only after the price has fallen to the stop. */
    (void)snprintf(command, sizeof(command), "fault delay ms=1500 report=fill order=%s", id);
    floor_tell_exchange(&floor_, command);
    floor_tell_exchange(&floor_, "price AAPL 161");
    floor_tell_exchange(&floor_, "price AAPL 139");
    expect_end(entry, "FILLED 10", "FILLED 10");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills WHERE flag = 'BOTH_LEGS'"), "1");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT reason FROM oxe.execution_logs WHERE action = 'FILLED' ORDER BY "
                                 "log_seq DESC LIMIT 1"),
                     "BOTH_LEGS");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.halts"), "0",
                     "nobody else suffers for it");
    cr_expect_str_eq(position("trim_scale(quantity)"), "990");
}

Test(bracket, a_replace_that_is_not_answered_or_refused_is_made_again)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    floor_tell_exchange(&floor_, "fault swallow message=replace");
    floor_tell_exchange(&floor_, "fault refuse message=replace reason=99");
    trade(SIDE_SELL, 6, "149.9");
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "10");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "10");
    trade(SIDE_BUY, 10, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
}

/* The exchange fills the legs' first 4 whole while it does not hear that they are to be 10. */
Test(bracket, what_a_leg_leaves_that_was_filled_before_it_could_grow_is_taken_over)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    struct uuid first = leg_id(entry, "LIMIT"), stop = leg_id(entry, "STOP");
    floor_tell_exchange(&floor_, "fault swallow message=replace 2");
    trade(SIDE_SELL, 6, "149.9");
    trade(SIDE_BUY, 4, "160");
    floor_await_order(&floor_, first, "concat_ws(' ', status, trim_scale(quantity))", "FILLED 4");
    floor_await_at_exchange(&floor_, stop, "6");
    struct uuid second = leg_id(entry, "LIMIT");
    floor_await_at_exchange(&floor_, second, "6");
    cr_expect_neq(uuid_compare(first, second), 0);
    cr_expect_str_eq(position("concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "1006 6");
    floor_check(&floor_);
    trade(SIDE_BUY, 6, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 6");
}

Test(bracket, a_refused_cancel_of_the_other_leg_is_asked_for_again)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    floor_tell_exchange(&floor_, "fault refuse message=cancel reason=99");
    floor_tell_exchange(&floor_, "price AAPL 161");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "STOP")),
                     SENT " CANCEL_REQUESTED CANCEL_REJECTED CANCELLED");
}

Test(bracket, a_trader_may_cancel_one_leg_and_keep_the_other)
{
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    floor_cancel(&floor_, leg_id(entry, "LIMIT"), true);
    await_leg(entry, "LIMIT", "status", "CANCELLED");
    cr_expect_str_eq(position("trim_scale(open_sell)"), "10");
    floor_check(&floor_);
    floor_tell_exchange(&floor_, "price AAPL 139");
    expect_end(entry, "FILLED 10", "CANCELLED 0");
}

Test(bracket, an_entry_that_only_closes_a_position_needs_no_legs)
{
    struct floor_order sell = market;
    sell.side = SIDE_SELL;
    sell.reserve_price = NULL;
    sell.stop_loss = "160";
    sell.take_profit = "140";
    struct uuid entry = floor_admit(&floor_, &sell, 1, true);
    floor_await_order(&floor_, entry, "status", "FILLED");
    cr_expect_str_eq(leg(entry, "STOP", "id"), "");
    cr_expect_str_eq(leg(entry, "LIMIT", "id"), "");
    floor_await_quiet(&floor_);
    floor_check(&floor_);
}

/* Nobody holds MSFT, which stands at 400. */
static const struct floor_order bought = {.symbol = "MSFT",
                                          .side = SIDE_BUY,
                                          .order_type = ORDER_TYPE_MARKET,
                                          .time_in_force = TIME_IN_FORCE_DAY,
                                          .quantity = 10,
                                          .stop_loss = "380",
                                          .take_profit = "420"};
static const struct floor_order sold = {.symbol = "MSFT",
                                        .side = SIDE_SELL,
                                        .order_type = ORDER_TYPE_MARKET,
                                        .time_in_force = TIME_IN_FORCE_DAY,
                                        .quantity = 10,
                                        .stop_loss = "420",
                                        .take_profit = "380"};

/* A plain order of a trader for MSFT; the price NULL: at the market. */
static struct uuid deal(size_t trader, enum side side, int quantity, const char *price)
{
    const struct floor_order order = {.trader = trader,
                                      .symbol = "MSFT",
                                      .side = side,
                                      .order_type = price == NULL ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT,
                                      .time_in_force = TIME_IN_FORCE_DAY,
                                      .quantity = quantity,
                                      .price = price};
    struct uuid id = floor_admit(&floor_, &order, 1, true);
    floor_await_order(&floor_, id, "status", "FILLED");
    return id;
}

static const char *holding(size_t trader, const char *expression)
{
    return floor_value(&floor_,
                       "SELECT %s FROM oxe.positions p JOIN oxe.traders t ON t.id = p.trader_id WHERE "
                       "t.subject = 'trader-%zu' AND symbol = 'MSFT'",
                       expression, trader);
}

Test(bracket, what_is_sold_by_hand_needs_no_protection_any_more)
{
    struct uuid entry = floor_admit(&floor_, &bought, 1, true);
    await_working(entry);
    (void)deal(0, SIDE_SELL, 4, NULL);
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "6");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "6");
    cr_expect_str_eq(holding(0, "concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "6 6");
    floor_check(&floor_);
    (void)deal(0, SIDE_BUY, 4, NULL);
    (void)deal(0, SIDE_SELL, 8, NULL);
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "2");
    (void)deal(0, SIDE_SELL, 2, NULL);
    floor_await_quiet(&floor_);
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "STOP")),
                     SENT " EXECUTED EXECUTED CANCEL_REQUESTED CANCELLED");
    cr_expect_str_eq(floor_value(&floor_, "SELECT DISTINCT reason FROM oxe.execution_logs WHERE action = "
                                          "'CANCEL_REQUESTED'"),
                     "POSITION_CLOSED");
    cr_expect_str_eq(holding(0, "concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "0 0");
    floor_check(&floor_);
}

Test(bracket, a_short_covered_by_hand_leaves_no_stop_that_could_buy)
{
    struct uuid entry = floor_admit(&floor_, &sold, 1, true);
    await_working(entry);
    cr_expect_str_eq(leg(entry, "STOP", "concat_ws(' ', side, trim_scale(quantity))"), "BUY 10");
    (void)deal(0, SIDE_BUY, 10, NULL);
    floor_await_quiet(&floor_);
    floor_tell_exchange(&floor_, "price MSFT 430");
    struct uuid last = deal(7, SIDE_BUY, 1, NULL);
    floor_await_order(&floor_, last, "status", "FILLED");
    cr_expect_str_eq(holding(0, "trim_scale(quantity)"), "0");
    cr_expect_str_eq(floor_value(&floor_,
                                 "SELECT trim_scale(cash - 10000000 - realized_pnl) FROM oxe.traders t JOIN "
                                 "oxe.positions p ON p.trader_id = t.id WHERE subject = 'trader-0' "
                                 "AND symbol = 'MSFT'"),
                     "0");
    cr_expect_str_eq(leg(entry, "STOP", "concat_ws(' ', status, trim_scale(filled_quantity))"),
                     "CANCELLED 0");
    floor_check(&floor_);
}

/* However an entry's fills are cut, it ends with the same protection: what is held of it. */
Test(bracket, a_cut_of_fills_does_not_decide_what_is_protected)
{
    static const int cuts[][11] = {
        {100}, {40, 60}, {50, 50}, {99, 1}, {10, 10, 10, 10, 10, 10, 10, 10, 10, 10}};
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++)
        (void)deal(2 + i, SIDE_SELL, 50, NULL);
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=MSFT");
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        const struct floor_order order = {.trader = 2 + i,
                                          .symbol = "MSFT",
                                          .side = SIDE_BUY,
                                          .order_type = ORDER_TYPE_LIMIT,
                                          .time_in_force = TIME_IN_FORCE_DAY,
                                          .quantity = 100,
                                          .price = "399.9",
                                          .stop_loss = "380",
                                          .take_profit = "420"};
        struct uuid entry = floor_admit(&floor_, &order, 1, true);
        floor_await_order(&floor_, entry, "execution_state", "WORKING");
        for (const int *part = cuts[i]; *part != 0; part++)
            (void)deal(1, SIDE_SELL, *part, "399.9");
        floor_await_order(&floor_, entry, "status", "FILLED");
        await_working(entry);
        floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "50");
        floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "50");
        cr_expect_str_eq(holding(2 + i, "concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"),
                         "50 50");
    }
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.orders WHERE status = 'REJECTED'"), "0");
    floor_check(&floor_);
}

/* More pairs than one turn reads; the youngest give way. */
Test(bracket, many_pairs_give_way_from_the_youngest_on)
{
    struct floor_order one = bought;
    one.quantity = 1;
    (void)floor_admit(&floor_, &one, 60, true);
    floor_await(
        &floor_,
        "SELECT count(*) FROM oxe.orders WHERE parent_order_id IS NOT NULL AND execution_state = 'WORKING'",
        "120");
    const char *oldest = strdup(
        floor_value(&floor_, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM (SELECT id FROM oxe.orders "
                             "WHERE parent_order_id IS NOT NULL ORDER BY id LIMIT 10) AS o"));
    (void)deal(0, SIDE_SELL, 55, NULL);
    floor_await(&floor_, "SELECT count(*) FROM oxe.open_orders", "10");
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT string_agg(id::text, ' ' ORDER BY id) FROM oxe.orders WHERE execution_state <> 'DONE'"),
        oldest);
    free((void *)oldest);
    floor_check(&floor_);
}

Test(bracket, what_the_exchange_executes_before_it_hears_of_a_cut_counts_and_is_shown)
{
    struct uuid entry = floor_admit(&floor_, &bought, 1, true);
    await_working(entry);
    floor_tell_exchange(&floor_, "fault swallow message=replace 2");
    (void)deal(0, SIDE_SELL, 4, NULL);
    floor_tell_exchange(&floor_, "price MSFT 421");
    floor_await_quiet(&floor_);
    cr_expect_str_eq(leg(entry, "LIMIT", "concat_ws(' ', status, trim_scale(filled_quantity))"), "FILLED 10");
    cr_expect_str_eq(leg(entry, "STOP", "concat_ws(' ', status, trim_scale(filled_quantity))"),
                     "CANCELLED 0");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills WHERE flag = 'BEYOND_POSITION'"),
                     "1");
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.halts"), "0");
    cr_expect_str_eq(holding(0, "concat_ws(' ', trim_scale(quantity), trim_scale(open_sell))"), "-4 0");
    floor_check(&floor_);
}

/* How many lines of the executor's log have the text. */
static int count_logged(const char *text)
{
    char path[128], line[4096];
    int count = 0;
    (void)snprintf(path, sizeof(path), "%s/executor.log", floor_.directory);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        count += strstr(line, text) != NULL;
    (void)fclose(file);
    return count;
}

Test(bracket, a_leg_that_the_exchange_takes_away_is_one_alarm_and_its_trader_sees_it)
{
    char command[128], id[UUID_TEXT_MAX];
    struct uuid entry = floor_admit(&floor_, &bought, 1, true);
    await_working(entry);
    uuid_format(leg_id(entry, "STOP"), id);
    (void)snprintf(command, sizeof(command), "cancel %s", id);
    floor_tell_exchange(&floor_, command);
    await_leg(entry, "STOP", "concat_ws(' ', status, reason)", "CANCELLED PROTECTION_LOST");
    cr_expect_str_eq(floor_trail(&floor_, leg_id(entry, "STOP")), SENT " CANCELLED");
    cr_expect_str_eq(
        floor_value(
            &floor_,
            "SELECT concat_ws(' ', reason, message) FROM oxe.execution_logs WHERE action = 'CANCELLED'"),
        "PROTECTION_LOST 10 MSFT are held without their stop loss: Cancelled by the exchange");
    cr_expect_eq(count_logged("order_alarm"), 1);
    cr_expect_eq(count_logged("UNPROTECTED"), 1);
    cr_expect_str_eq(leg(entry, "LIMIT", "execution_state"), "WORKING", "the other one stays");
    cr_expect_str_eq(holding(0, "trim_scale(open_sell)"), "10");
    floor_check(&floor_);
    floor_tell_exchange(&floor_, "price MSFT 421");
    floor_await_quiet(&floor_);
    cr_expect_str_eq(holding(0, "trim_scale(quantity)"), "0");
    floor_check(&floor_);
}

/* The trader holds 1,000 and may sell short; what the open order would sell beyond them has its reservation.
 */
Test(bracket, a_short_sellers_open_orders_leave_a_bracket_its_legs)
{
    const struct floor_order far = {.symbol = "AAPL",
                                    .side = SIDE_SELL,
                                    .order_type = ORDER_TYPE_LIMIT,
                                    .time_in_force = TIME_IN_FORCE_GTC,
                                    .quantity = 2000,
                                    .price = "200"};
    struct uuid open = floor_admit(&floor_, &far, 1, true);
    floor_await_order(&floor_, open, "execution_state", "WORKING");
    struct uuid entry = floor_admit(&floor_, &market, 1, true);
    await_working(entry);
    cr_expect_str_eq(position("trim_scale(open_sell)"), "2010");
    floor_tell_exchange(&floor_, "price AAPL 139");
    await_leg(entry, "LIMIT", "status", "CANCELLED");
    cr_expect_str_eq(position("trim_scale(quantity) || ' ' || trim_scale(open_sell)"), "1000 2000");
    floor_cancel(&floor_, open, true);
    expect_end(entry, "FILLED 10", "CANCELLED 0");
}

Test(bracket, a_new_owner_finds_what_is_still_to_be_resized)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    struct uuid entry = floor_admit(&floor_, &resting, 1, true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    trade(SIDE_SELL, 4, "149.9");
    await_working(entry);
    floor_tell_exchange(&floor_, "fault swallow message=replace always");
    trade(SIDE_SELL, 6, "149.9");
    await_leg(entry, "STOP", "trim_scale(quantity)", "10");
    cr_expect_eq(floor_stop_executor(&floor_, 0, SIGKILL), 128 + SIGKILL);
    floor_tell_exchange(&floor_, "fault clear");
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await_at_exchange(&floor_, leg_id(entry, "STOP"), "10");
    floor_await_at_exchange(&floor_, leg_id(entry, "LIMIT"), "10");
    trade(SIDE_BUY, 10, "160");
    expect_end(entry, "CANCELLED 0", "FILLED 10");
}
