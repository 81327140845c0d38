/* SPDX-License-Identifier: Apache-2.0 */
/* Orders whose decision is too old, or whose reservation no longer covers the market: the risk rules
 * are asked again, on the locked rows, as if the order had just come. */
#include <string.h>

#include "services/executor/core/execute.h"
#include "services/executor/core/turn.h"

/* The account and the position without the order itself. */
static void take_out(const struct turn *turn, const struct turn_order *order, const struct turn_world *world,
                     struct risk_account *ret_account, struct risk_position *ret_position)
{
    const struct execution *record = &order->record;
    const struct ledger_account *money = &turn->accounts[order->account].ledger;
    const struct ledger_position *held = &turn->positions[order->position].ledger;
    *ret_account = world->account;
    ret_account->status = ACCOUNT_ACTIVE;                    /* else it is held, as under a halt */
    ret_account->limits.max_daily_notional = decimal_zero(); /* it was counted when it was admitted */
    ret_account->cash = money->cash;
    ret_account->reserved.units = money->reserved.units - record->reserved.units;
    ret_account->margin.units -= world->own_margin.units;
    ret_account->open_orders = money->open_orders - 1;
    *ret_position = (struct risk_position){.quantity = held->quantity,
                                           .open_buy = held->open_buy,
                                           .open_sell = held->open_sell,
                                           .reducing_buy = held->reducing_buy,
                                           .reducing_sell = held->reducing_sell};
    bool buys = record->side == SIDE_BUY;
    struct decimal *open = buys ? &ret_position->open_buy : &ret_position->open_sell;
    struct decimal *reducing = buys ? &ret_position->reducing_buy : &ret_position->reducing_sell;
    open->units -= execution_open_quantity(record).units;
    reducing->units -= execution_reducing_quantity(record).units;
}

/* As it was asked for; what the rules do not read stays empty. */
static void request_of(const struct execution *record, struct order_request *ret_request)
{
    const struct decimal *legs = record->leg_prices;
    *ret_request = (struct order_request){
        .order_id = record->id,
        .trader_id = record->trader_id,
        .side = record->side,
        .quantity = record->quantity,
        .order_type = record->order_type,
        .time_in_force = record->time_in_force,
        .has_price = !decimal_is_zero(record->price),
        .price = record->price,
        .has_stop_loss = !decimal_is_zero(legs[EXECUTE_STOP_LOSS]),
        .stop_loss = legs[EXECUTE_STOP_LOSS],
        .has_take_profit = !decimal_is_zero(legs[EXECUTE_TAKE_PROFIT]),
        .take_profit = legs[EXECUTE_TAKE_PROFIT],
    };
    memcpy(ret_request->symbol, record->symbol, sizeof(ret_request->symbol));
}

void turn_anew_decide(struct turn *turn, struct turn_order *order, const struct turn_world *world)
{
    struct risk_account account;
    struct risk_position position;
    if (order->account == TURN_NONE)
        return;
    bool moved = turn->accounts[order->account].moved;
    turn->anew_waits |= world->waits;
    turn->anew_moved |= moved;
    if (world->waits || moved)
        return;
    take_out(turn, order, world, &account, &position);
    request_of(&order->record, &turn->request);
    risk_decide(&turn->request, NULL, 0, &account, &position, &world->market, &turn->verdict);
    struct execution before = order->record;
    order->claim = execute_decide_anew(&order->record, &turn->verdict, turn_effect(turn));
    turn_take_effect(turn, order, &before);
    order->reserves_anew = true;
    /* What no column can hold has been put aside, and the order is as it was. */
    if (order->record.state != EXECUTION_STATE_SENT)
        order->claim = EXECUTE_CLAIM_DROP;
}
