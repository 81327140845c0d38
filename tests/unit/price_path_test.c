/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's price paths and the synthetic quotes around them. */
#include "services/exchange-sim/core/price_path.h"

#include <criterion/criterion.h>

#include "common/cleanup.h"
#include "services/exchange-sim/core/liquidity.h"

static struct decimal dollars(int64_t cents)
{
    return decimal_from_units(cents * (DECIMAL_ONE / 100));
}

static const struct decimal tick = {DECIMAL_ONE / 100};

Test(price_path, the_same_seed_walks_the_same_way)
{
    struct price_path a, b, other_seed, other_symbol;
    int differences_seed = 0, differences_symbol = 0;
    price_path_init(&a, dollars(15000), tick, 7, "AAPL");
    price_path_init(&b, dollars(15000), tick, 7, "AAPL");
    price_path_init(&other_seed, dollars(15000), tick, 8, "AAPL");
    price_path_init(&other_symbol, dollars(15000), tick, 7, "MSFT");
    for (int i = 0; i < 1000; i++) {
        price_path_step(&a, 20);
        price_path_step(&b, 20);
        price_path_step(&other_seed, 20);
        price_path_step(&other_symbol, 20);
        cr_assert_eq(a.value.units, b.value.units);
        differences_seed += a.value.units != other_seed.value.units;
        differences_symbol += a.value.units != other_symbol.value.units;
    }
    cr_expect_gt(differences_seed, 990);
    cr_expect_gt(differences_symbol, 990);
}

Test(price_path, without_volatility_the_price_stays)
{
    struct price_path path;
    price_path_init(&path, dollars(15000), tick, 7, "AAPL");
    for (int i = 0; i < 100; i++)
        price_path_step(&path, 0);
    cr_expect_eq(price_path_price(&path).units, dollars(15000).units);
}

Test(price_path, a_step_is_never_larger_than_the_volatility)
{
    struct price_path path;
    price_path_init(&path, dollars(15000), tick, 7, "AAPL");
    for (int i = 0; i < 10000; i++) {
        int64_t before = path.value.units;
        price_path_step(&path, 10);
        int64_t moved = path.value.units - before;
        cr_assert_leq(moved < 0 ? -moved : moved, before / 1000);
    }
}

Test(price_path, the_path_stays_within_its_bounds_and_quotes_whole_ticks)
{
    struct price_path path;
    price_path_init(&path, dollars(100), tick, 3, "X");
    bool low = false, high = false;
    for (int i = 0; i < 200000; i++) {
        price_path_step(&path, 1000);
        cr_assert_geq(path.value.units, dollars(25).units);
        cr_assert_leq(path.value.units, dollars(400).units);
        cr_assert(decimal_is_multiple(price_path_price(&path), tick));
        low = low || path.value.units < dollars(30).units;
        high = high || path.value.units > dollars(330).units;
    }
    cr_expect(low && high, "both bounds were met");
}

Test(price_path, prices_round_to_the_nearest_tick_and_are_never_zero)
{
    static const struct {
        int64_t value, price;
    } cases[] = {
        {15000499999, 15000000000},
        {15000500000, 15001000000},
        {15000000000, 15000000000},
        {400000, 1000000},
        {1, 1000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct price_path path;
        price_path_init(&path, decimal_from_units(cases[i].value), tick, 1, "A");
        cr_expect_eq(price_path_price(&path).units, cases[i].price, "case %zu", i);
    }
}

Test(price_path, a_price_set_outside_the_bounds_is_a_new_start)
{
    struct price_path path;
    price_path_init(&path, dollars(10000), tick, 1, "A");
    price_path_set(&path, dollars(20000));
    cr_expect_eq(path.start.units, dollars(10000).units);
    price_path_set(&path, dollars(90000));
    cr_expect_eq(path.start.units, dollars(90000).units);
    cr_expect_eq(price_path_price(&path).units, dollars(90000).units);
}

static const struct liquidity quotes = {.price = {15000000000},
                                        .tick = {1000000},
                                        .level_quantity = {1000 * DECIMAL_ONE},
                                        .levels = 5,
                                        .spread_ticks = 2};

Test(liquidity, quotes_stand_half_a_spread_away_and_a_tick_apart)
{
    for (int level = 0; level < 10; level++) {
        cr_expect_eq(liquidity_ask(&quotes, level).units, dollars(15001 + level).units);
        cr_expect_eq(liquidity_bid(&quotes, level).units, dollars(14999 - level).units);
    }
}

Test(liquidity, the_odd_tick_of_a_spread_goes_to_the_ask)
{
    struct liquidity odd = quotes;
    odd.spread_ticks = 3;
    cr_expect_eq(liquidity_ask(&odd, 0).units, dollars(15002).units);
    cr_expect_eq(liquidity_bid(&odd, 0).units, dollars(14999).units);
}

Test(liquidity, quantity_doubles_below_the_shown_levels_and_never_overflows)
{
    cr_expect_eq(liquidity_quantity(&quotes, 4).units, 1000 * DECIMAL_ONE);
    cr_expect_eq(liquidity_quantity(&quotes, 5).units, 2000 * DECIMAL_ONE);
    cr_expect_eq(liquidity_quantity(&quotes, 6).units, 4000 * DECIMAL_ONE);
    cr_expect_eq(liquidity_quantity(&quotes, LIQUIDITY_LEVELS_MAX - 1).units, INT64_MAX);
    cr_expect_eq(liquidity_quantity(&quotes, LIQUIDITY_LEVELS_MAX).units, 0);
}

Test(liquidity, a_bid_never_falls_below_one_tick)
{
    struct liquidity cheap = quotes;
    cheap.price = dollars(3);
    cr_expect_eq(liquidity_bid(&cheap, 0).units, dollars(2).units);
    cr_expect_eq(liquidity_bid(&cheap, 100).units, dollars(1).units);
}

Test(liquidity, without_levels_there_is_nothing_to_meet)
{
    struct liquidity none = quotes;
    none.levels = 0;
    cr_expect_eq(liquidity_quantity(&none, 0).units, 0);
}
