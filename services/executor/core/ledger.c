/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/ledger.h"

#include <errno.h>

/* *value += after - before */
static int move(struct decimal *value, struct decimal before, struct decimal after)
{
    struct decimal difference;
    int r = decimal_sub(after, before, &difference);
    return r < 0 ? r : decimal_add(*value, difference, value);
}

static struct decimal smaller(struct decimal a, struct decimal b)
{
    return decimal_compare(a, b) < 0 ? a : b;
}

/* Books the closing of `quantity` of the position for `notional`. `sign` is +1 when the position is long. */
static int close_part(struct ledger_position *position, struct decimal quantity, struct decimal notional,
                      bool is_long, int64_t day)
{
    struct decimal held = position->quantity, cost = position->cost;
    struct decimal freed = decimal_zero(), left, profit = decimal_zero();
    int r = 0;
    if (!is_long)
        r = decimal_negate(held, &held);
    /* Closed whole, exactly the rest of the cost goes, so that no rounding stays behind. */
    if (r == 0 && decimal_compare(quantity, held) == 0)
        freed = cost;
    else if (r == 0)
        r = decimal_multiply_divide(cost, quantity, held, DECIMAL_HALF_EVEN, &freed);
    if (r == 0)
        r = decimal_sub(cost, freed, &left);
    /* Long: proceeds - cost. Short: cost is negative, what the sale brought. */
    if (r == 0 && is_long)
        r = decimal_sub(notional, freed, &profit);
    else if (r == 0) {
        r = decimal_add(freed, notional, &profit);
        if (r == 0)
            r = decimal_negate(profit, &profit);
    }
    if (r < 0)
        return r;
    if (position->realized_day != day) {
        position->realized_day = day;
        position->realized_pnl = decimal_zero();
    }
    position->cost = left;
    return decimal_add(position->realized_pnl, profit, &position->realized_pnl);
}

int ledger_fill(struct ledger_account *account, struct ledger_position *position, enum side side,
                const struct execute_fill *fill, int64_t day)
{
    struct ledger_account cash = *account;
    struct ledger_position next = *position;
    bool buys = side == SIDE_BUY;
    struct decimal against = decimal_zero(), closing_notional = decimal_zero(), rest = fill->notional;
    int r = buys ? decimal_sub(cash.cash, fill->notional, &cash.cash)
                 : decimal_add(cash.cash, fill->notional, &cash.cash);
    if (r == 0 && buys && decimal_is_negative(next.quantity))
        r = decimal_negate(next.quantity, &against);
    else if (!buys && decimal_is_positive(next.quantity))
        against = next.quantity;
    struct decimal closing = smaller(against, fill->quantity);
    if (r == 0 && decimal_is_positive(closing)) {
        closing_notional = fill->notional;
        if (decimal_compare(closing, fill->quantity) < 0)
            r = decimal_multiply_divide(fill->notional, closing, fill->quantity, DECIMAL_HALF_EVEN,
                                        &closing_notional);
        if (r == 0)
            r = close_part(&next, closing, closing_notional, !buys, day);
        if (r == 0)
            r = decimal_sub(fill->notional, closing_notional, &rest);
    }
    if (r == 0 && decimal_compare(closing, fill->quantity) < 0)
        r = buys ? decimal_add(next.cost, rest, &next.cost) : decimal_sub(next.cost, rest, &next.cost);
    if (r == 0)
        r = buys ? decimal_add(next.quantity, fill->quantity, &next.quantity)
                 : decimal_sub(next.quantity, fill->quantity, &next.quantity);
    if (r < 0)
        return r;
    *account = cash;
    *position = next;
    return 0;
}

int ledger_open(struct ledger_position *position, enum side side, struct decimal before, struct decimal after)
{
    return move(side == SIDE_BUY ? &position->open_buy : &position->open_sell, before, after);
}

int ledger_post(struct ledger_account *account, struct ledger_position *position,
                const struct execution *before, const struct execution *after,
                const struct execute_fill *fill, int64_t day)
{
    struct ledger_account next = *account;
    struct ledger_position held = *position;
    int r = move(&next.reserved, before->reserved, after->reserved);
    if (r == 0)
        r = ledger_open(&held, before->side, execution_open_quantity(before), execution_open_quantity(after));
    if (r == 0)
        r = move(before->side == SIDE_BUY ? &held.reducing_buy : &held.reducing_sell,
                 execution_reducing_quantity(before), execution_reducing_quantity(after));
    next.open_orders += (after->state != EXECUTION_STATE_DONE) - (before->state != EXECUTION_STATE_DONE);
    if (r == 0 && fill != NULL)
        r = ledger_fill(&next, &held, before->side, fill, day);
    if (r < 0)
        return r;
    *account = next;
    *position = held;
    return 0;
}
