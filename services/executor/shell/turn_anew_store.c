/* SPDX-License-Identifier: Apache-2.0 */
/* What orders that are decided anew are judged by, and what they reserve then. */
#include <stdio.h>

#include "services/executor/shell/turn_store.h"

/* How long an order waits for a price that was heard on the session that stands. The owner of lane 0 confirms
 * those that stand still every 5 s. */
enum { PRICE_WAIT_US = 10000000 };

void turn_anew_ids(const struct turn *turn, struct db_args *args)
{
    db_args_array_begin(args);
    for (size_t i = turn->move_count - turn->anew_count; i < turn->move_count; i++)
        db_args_uuid(args, turn->facts[i].order_id);
    db_args_array_end(args);
}

static void read_limits(const PGresult *result, int row, struct risk_limits *ret_limits)
{
    enum { DAILY_LOSS = 1, POSITION, QUANTITY, NOTIONAL, COLLAR, OPEN_ORDERS, SHORT_SELLING, SHORT_MARGIN };
    *ret_limits = (struct risk_limits){
        .daily_loss = db_get_decimal(result, row, DAILY_LOSS),
        .max_position_quantity = db_get_decimal(result, row, POSITION),
        .max_order_quantity = db_get_decimal(result, row, QUANTITY),
        .max_order_notional = db_get_decimal(result, row, NOTIONAL),
        .price_collar_pct = db_get_decimal(result, row, COLLAR),
        .max_open_orders = db_get_i64(result, row, OPEN_ORDERS),
        .short_selling = db_get_bool(result, row, SHORT_SELLING),
        .short_margin_pct = db_get_decimal(result, row, SHORT_MARGIN),
    };
}

static void read_world(const struct executor *executor, const PGresult *result, int row,
                       struct turn_world *ret_world)
{
    enum { CURRENCY = 9, LOSS, MARGIN, UNPRICED, OWN_MARGIN, ITS_CURRENCY, PRICE, PRICE_AGE };
    struct risk_account *account = &ret_world->account;
    struct risk_market *market = &ret_world->market;
    read_limits(result, row, &account->limits);
    account->loss = db_get_decimal(result, row, LOSS);
    account->margin = db_get_decimal(result, row, MARGIN);
    (void)snprintf(account->currency, sizeof(account->currency), "%s", db_get_text(result, row, CURRENCY));
    (void)snprintf(account->unpriced, sizeof(account->unpriced), "%s", db_get_text(result, row, UNPRICED));
    ret_world->own_margin = db_get_decimal(result, row, OWN_MARGIN);
    *market = (struct risk_market){.has_last_price = !db_is_null(result, row, PRICE),
                                   .last_price = db_get_decimal(result, row, PRICE),
                                   .price_age_us = db_get_i64(result, row, PRICE_AGE),
                                   .price_age_max_us = executor->config->price_age_max_ms * 1000,
                                   .market_collar_pct = executor->market_collar_pct};
    (void)snprintf(market->currency, sizeof(market->currency), "%s", db_get_text(result, row, ITS_CURRENCY));
}

void turn_anew_read(struct executor *executor, const PGresult *result)
{
    struct turn *turn = executor->turn;
    int64_t now_us = clock_monotonic_us();
    /* Without a row, which cannot be, it waits. */
    for (size_t i = 0; i < turn->anew_count; i++)
        turn->worlds[i] = (struct turn_world){.price_waits = true};
    for (int row = 0; row < PQntuples(result); row++) {
        size_t place = (size_t)db_get_i64(result, row, 0);
        struct turn_world *world = &turn->worlds[place];
        const struct turn_fact *fact = &turn->facts[turn->move_count - turn->anew_count + place];
        const struct turn_order *order = turn_find_order(turn, fact->order_id);
        read_world(executor, result, row, world);
        int64_t stands_us = order == NULL ? 0 : now_us - executor->lanes[order->record.lane].ready_us;
        world->price_waits = stands_us < PRICE_WAIT_US && world->market.price_age_us > stands_us;
    }
}

void turn_anew_args(const struct turn *turn, struct db_args *args)
{
    db_args_array_begin(args);
    for (size_t i = 0; i < turn->read_count; i++) {
        if (turn->orders[i].reserves_anew)
            db_args_uuid(args, turn->orders[i].record.id);
    }
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < turn->read_count; i++) {
        if (turn->orders[i].reserves_anew)
            db_args_decimal(args, turn->orders[i].record.reserve_price);
    }
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < turn->read_count; i++) {
        if (turn->orders[i].reserves_anew)
            db_args_decimal(args, turn->orders[i].record.reserve_quantity);
    }
    db_args_array_end(args);
}
