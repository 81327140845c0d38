/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/execution.h"

#include <string.h>

const char *const execute_aside_texts[] = {
    [EXECUTE_ASIDE_NONE] = "",
    [EXECUTE_ASIDE_UNKNOWN_ORDER] = "UNKNOWN_ORDER",
    [EXECUTE_ASIDE_DUPLICATE_DIFFERS] = "DUPLICATE_DIFFERS",
    [EXECUTE_ASIDE_UNEXPECTED_REPORT] = "UNEXPECTED_REPORT",
    [EXECUTE_ASIDE_STATUS_DIFFERS] = "STATUS_DIFFERS",
    [EXECUTE_ASIDE_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [EXECUTE_ASIDE_NOT_RESOLVED] = "NOT_RESOLVED",
    [EXECUTE_ASIDE_TRADE_CHANGED] = "TRADE_CHANGED",
    [EXECUTE_ASIDE_STILL_OPEN] = "STILL_OPEN",
    NULL,
};

void execution_asked(struct execute_questions *questions)
{
    if (questions->open < UINT16_MAX)
        questions->open++;
}

void execution_sent(struct execute_questions *questions, struct decimal quantity)
{
    questions->stale = questions->open;
    questions->renumbered = questions->denied = false;
    questions->venue_quantity = quantity;
    questions->asked_quantity = decimal_zero();
}

void execution_session_lost(struct execute_questions *questions)
{
    questions->open = questions->stale = 0;
    questions->denied = false;
    questions->venue_quantity = questions->asked_quantity = decimal_zero();
}

bool execution_wants_replace(const struct execute_questions *questions, struct decimal quantity)
{
    return decimal_is_zero(questions->asked_quantity) && !decimal_is_zero(questions->venue_quantity) &&
           decimal_compare(questions->venue_quantity, quantity) != 0;
}

int execution_reservation(const struct execution *order, struct decimal *ret_reserved)
{
    struct decimal left = decimal_from_units(order->quantity.units - order->filled.units);

    if (order->state == EXECUTION_STATE_DONE || decimal_is_negative(left))
        left = decimal_zero();
    if (decimal_compare(order->reserve_quantity, left) < 0)
        left = order->reserve_quantity;
    return decimal_multiply(left, order->reserve_price, DECIMAL_CEIL, ret_reserved);
}

struct decimal execution_reducing_quantity(const struct execution *order)
{
    struct decimal open = execution_open_quantity(order);

    if (decimal_compare(open, order->reserve_quantity) <= 0)
        return decimal_zero();
    return decimal_from_units(open.units - order->reserve_quantity.units);
}

struct decimal execution_open_quantity(const struct execution *order)
{
    if (execution_is_leg(order) || order->state == EXECUTION_STATE_DONE)
        return decimal_zero();
    return decimal_from_units(order->quantity.units - order->filled.units);
}

void execution_venue_order(const struct execution *order, bool possible_resend, struct venue_order *ret_order)
{
    *ret_order = (struct venue_order){
        .order_id = order->id,
        .side = order->side,
        .order_type = order->order_type,
        .time_in_force = order->time_in_force,
        .quantity = order->quantity,
        /* A MARKET order may name a price for its trader's information; the exchange must not see a limit in
           it. */
        .price = order->order_type == ORDER_TYPE_MARKET ? decimal_zero() : order->price,
        .possible_resend = possible_resend,
    };
    memcpy(ret_order->symbol, order->symbol, sizeof(ret_order->symbol));
}
