/* SPDX-License-Identifier: Apache-2.0 */
/* Money and positions: what a fill moves, to the last unit. */
#include "services/executor/core/ledger.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

static struct decimal units(int64_t value)
{
    return decimal_from_units(value);
}

static struct decimal cents(int64_t value)
{
    return decimal_from_units(value * (DECIMAL_ONE / 100));
}

struct fill_case {
    const char *name;
    enum side side;
    int64_t quantity, price;                /* of the fill; price in cents */
    int64_t held, cost;                     /* before; cost in cents */
    int64_t to_cash, to_held, to_cost, pnl; /* cash from 10000.00; amounts in cents */
};

Test(ledger, a_fill_moves_cash_quantity_cost_and_profit)
{
    static const struct fill_case cases[] = {
        {"opens long", SIDE_BUY, 10, 1000, 0, 0, 990000, 10, 10000, 0},
        {"adds to long", SIDE_BUY, 10, 1200, 10, 10000, 988000, 20, 22000, 0},
        {"closes a part of long with profit", SIDE_SELL, 4, 1500, 10, 10000, 1006000, 6, 6000, 2000},
        {"closes long with loss", SIDE_SELL, 10, 800, 10, 10000, 1008000, 0, 0, -2000},
        {"closes long and goes short", SIDE_SELL, 15, 1100, 10, 10000, 1016500, -5, -5500, 1000},
        {"opens short", SIDE_SELL, 10, 1000, 0, 0, 1010000, -10, -10000, 0},
        {"adds to short", SIDE_SELL, 5, 1200, -10, -10000, 1006000, -15, -16000, 0},
        {"closes a part of short with profit", SIDE_BUY, 4, 700, -10, -10000, 997200, -6, -6000, 1200},
        {"closes short with loss", SIDE_BUY, 10, 1300, -10, -10000, 987000, 0, 0, -3000},
        {"closes short and goes long", SIDE_BUY, 12, 900, -10, -10000, 989200, 2, 1800, 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fill_case *c = &cases[i];
        struct ledger_account account = {.cash = cents(1000000)};
        struct ledger_position position = {
            .quantity = cents(c->held * 100), .cost = cents(c->cost), .realized_day = LEDGER_NO_DAY};
        struct execute_fill fill = {.quantity = cents(c->quantity * 100), .price = cents(c->price)};
        cr_assert_eq(decimal_multiply(fill.quantity, fill.price, DECIMAL_HALF_EVEN, &fill.notional), 0);
        cr_assert_eq(ledger_fill(&account, &position, c->side, &fill, 20000), 0);
        cr_expect_eq(account.cash.units, cents(c->to_cash).units, "%s: cash", c->name);
        cr_expect_eq(position.quantity.units, cents(c->to_held * 100).units, "%s: quantity", c->name);
        cr_expect_eq(position.cost.units, cents(c->to_cost).units, "%s: cost", c->name);
        cr_expect_eq(position.realized_pnl.units, cents(c->pnl).units, "%s: profit", c->name);
        bool closes = c->held * (c->side == SIDE_BUY ? 1 : -1) < 0;
        cr_expect_eq(position.realized_day, closes ? 20000 : LEDGER_NO_DAY, "%s: day", c->name);
    }
}

Test(ledger, profit_belongs_to_its_day)
{
    struct ledger_account account = {0};
    struct ledger_position position = {
        .quantity = cents(1000), .cost = cents(1000), .realized_day = LEDGER_NO_DAY};
    struct execute_fill fill = {.quantity = cents(100), .price = cents(300), .notional = cents(300)};
    cr_assert_eq(ledger_fill(&account, &position, SIDE_SELL, &fill, 1), 0);
    cr_assert_eq(ledger_fill(&account, &position, SIDE_SELL, &fill, 1), 0);
    cr_expect_eq(position.realized_pnl.units, cents(400).units, "two of a day add up");
    cr_assert_eq(ledger_fill(&account, &position, SIDE_SELL, &fill, 2), 0);
    cr_expect_eq(position.realized_pnl.units, cents(200).units, "a new day starts at zero");
    cr_expect_eq(position.realized_day, 2);
}

Test(ledger, nothing_of_the_cost_stays_when_a_position_is_closed)
{
    struct ledger_account account = {0};
    struct ledger_position position = {.quantity = units(3), .cost = units(10), .realized_day = 1};
    struct execute_fill fill = {.quantity = units(1), .price = cents(100), .notional = units(4)};
    for (int i = 0; i < 3; i++)
        cr_assert_eq(ledger_fill(&account, &position, SIDE_SELL, &fill, 1), 0);
    cr_expect(decimal_is_zero(position.quantity));
    cr_expect(decimal_is_zero(position.cost), "10 ÷ 3 does not come out even: the last one takes the rest");
    cr_expect_eq(position.realized_pnl.units, 2, "12 received, 10 paid");
    cr_expect_eq(account.cash.units, 12);
}

Test(ledger, a_step_moves_reservation_open_quantity_and_count_by_the_difference)
{
    struct execution before = {.side = SIDE_SELL,
                               .state = EXECUTION_STATE_WORKING,
                               .quantity = cents(1000),
                               .filled = cents(300),
                               .reserved = cents(700)};
    struct execution after = before;
    struct ledger_account account = {.reserved = cents(5000), .open_orders = 3};
    struct ledger_position position = {.open_buy = cents(40), .open_sell = cents(2000)};
    after.filled = cents(500);
    after.reserved = cents(500);
    cr_assert_eq(ledger_post(&account, &position, &before, &after, NULL, 1), 0);
    cr_expect_eq(account.reserved.units, cents(4800).units);
    cr_expect_eq(position.open_sell.units, cents(1800).units);
    cr_expect_eq(position.open_buy.units, cents(40).units);
    cr_expect_eq(account.open_orders, 3);

    before = after;
    after.state = EXECUTION_STATE_DONE;
    after.reserved = decimal_zero();
    cr_assert_eq(ledger_post(&account, &position, &before, &after, NULL, 1), 0);
    cr_expect_eq(account.reserved.units, cents(4300).units);
    cr_expect_eq(position.open_sell.units, cents(1300).units);
    cr_expect_eq(account.open_orders, 2);
    cr_expect(decimal_is_zero(account.cash));
}

Test(ledger, a_late_fill_moves_money_and_position_only)
{
    struct execution before = {.side = SIDE_BUY, .state = EXECUTION_STATE_DONE, .quantity = cents(1000)};
    struct execution after = before;
    struct ledger_account account = {.cash = cents(1000), .reserved = cents(70), .open_orders = 1};
    struct ledger_position position = {.open_buy = cents(40), .realized_day = LEDGER_NO_DAY};
    struct execute_fill fill = {.quantity = cents(100), .price = cents(300), .notional = cents(300)};
    after.filled = cents(100);
    cr_assert_eq(ledger_post(&account, &position, &before, &after, &fill, 1), 0);
    cr_expect_eq(account.cash.units, cents(700).units);
    cr_expect_eq(account.reserved.units, cents(70).units);
    cr_expect_eq(account.open_orders, 1);
    cr_expect_eq(position.open_buy.units, cents(40).units);
    cr_expect_eq(position.quantity.units, cents(100).units);
}

struct overflow_case {
    const char *name;
    enum side side;
    int64_t cash, reserved, quantity, cost, realized; /* before, in units */
    int64_t filled, notional;                         /* of the fill; 0: none */
    int64_t reserved_before, reserved_after;          /* of the order */
};

Test(ledger, what_does_not_fit_changes_nothing)
{
    static const struct overflow_case cases[] = {
        {"cash paid", SIDE_BUY, .cash = INT64_MIN + 10, .filled = 100, .notional = 300},
        {"cash received", SIDE_SELL, .cash = INT64_MAX - 10, .filled = 100, .notional = 300},
        {"a short that has no opposite", SIDE_BUY, .quantity = INT64_MIN, .filled = 100, .notional = 300},
        {"more held", SIDE_BUY, .quantity = INT64_MAX - 10, .filled = 100, .notional = 300},
        {"more short", SIDE_SELL, .quantity = INT64_MIN + 10, .filled = 100, .notional = 300},
        {"cost", SIDE_BUY, .cost = INT64_MAX - 10, .filled = 100, .notional = 300},
        {"profit of long", SIDE_SELL, .quantity = 100, .cost = INT64_MIN + 10, .filled = 100,
         .notional = 300},
        {"profit of short", SIDE_BUY, .quantity = -100, .cost = INT64_MAX - 10, .filled = 100,
         .notional = 300},
        {"the day's profit", SIDE_SELL, .quantity = 100, .realized = INT64_MAX - 10, .filled = 100,
         .notional = 300},
        {"what is reserved", SIDE_BUY, .reserved = INT64_MAX - 10, .reserved_after = 20},
        {"the change of it", SIDE_BUY, .reserved_before = INT64_MIN + 10, .reserved_after = 20},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct overflow_case *c = &cases[i];
        struct ledger_account account = {.cash = units(c->cash), .reserved = units(c->reserved)};
        struct ledger_account account_before = account;
        struct ledger_position position = {.quantity = units(c->quantity),
                                           .cost = units(c->cost),
                                           .realized_pnl = units(c->realized),
                                           .realized_day = 1};
        struct ledger_position position_before = position;
        struct execute_fill fill = {
            .quantity = units(c->filled), .price = cents(300), .notional = units(c->notional)};
        struct execution before = {
            .side = c->side, .state = EXECUTION_STATE_WORKING, .reserved = units(c->reserved_before)};
        struct execution after = before;
        after.reserved = units(c->reserved_after);
        cr_expect_eq(ledger_post(&account, &position, &before, &after, c->filled > 0 ? &fill : NULL, 1),
                     -ERANGE, "%s", c->name);
        cr_expect_eq(memcmp(&account, &account_before, sizeof(account)), 0, "%s", c->name);
        cr_expect_eq(memcmp(&position, &position_before, sizeof(position)), 0, "%s", c->name);
    }
}
