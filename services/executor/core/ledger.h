/* SPDX-License-Identifier: Apache-2.0 */
/* The money and the position of a trader, as an order's steps and fills move them.
 *
 * Pure arithmetic in exact decimals. A fill moves cash by its notional, and the position's quantity and cost;
 * what it closes is realized: proceeds less cost, booked to the trading day. Over any history, change of cash
 * = realized P&L - change of cost. An order's step moves what is reserved, what is open per side, and the
 * number of open orders, each by the difference of before and after. Nothing here can refuse a fill but a
 * figure that no column can hold (-ERANGE; nothing is changed then). */
#ifndef OXE_EXECUTOR_LEDGER_H
#define OXE_EXECUTOR_LEDGER_H

#include <assert.h>

#include "services/executor/core/execution.h"

struct ledger_account {
    struct decimal cash;
    struct decimal reserved; /* sum of orders.reserved */
    int64_t open_orders;     /* orders that are not DONE */
};

struct ledger_position {
    struct decimal quantity; /* negative when short */
    struct decimal cost;     /* what the open quantity cost; sign of quantity */
    struct decimal open_buy; /* unfilled quantity of open orders of the side */
    struct decimal open_sell;
    struct decimal reducing_buy; /* the part of it that was admitted as reducing, so reserves nothing */
    struct decimal reducing_sell;
    struct decimal realized_pnl; /* of realized_day */
    int64_t realized_day;        /* days since 1970; LEDGER_NO_DAY: nothing was realized yet */
};

#define LEDGER_NO_DAY 0

/* No holes: two of them are equal when their bytes are. */
static_assert(sizeof(struct ledger_account) == 3 * sizeof(int64_t), "no padding");
static_assert(sizeof(struct ledger_position) == 8 * sizeof(int64_t), "no padding");

/* Posts the order's way from `before` to `after`, and with it the fill (NULL: none) on trading day `day`. */
int ledger_post(struct ledger_account *account, struct ledger_position *position,
                const struct execution *before, const struct execution *after,
                const struct execute_fill *fill, int64_t day);

/* Moves what is open of a side, for a pair of legs (bracket_open), which ledger_post leaves alone. */
int ledger_open(struct ledger_position *position, enum side side, struct decimal before,
                struct decimal after);

/* The part of it that a fill alone moves. */
int ledger_fill(struct ledger_account *account, struct ledger_position *position, enum side side,
                const struct execute_fill *fill, int64_t day);

#endif
