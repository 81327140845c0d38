/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/liquidity.h"

static int64_t saturate(__int128 value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

struct decimal liquidity_ask(const struct liquidity *liquidity, int level)
{
    int ticks = liquidity->spread_ticks - liquidity->spread_ticks / 2 + level;
    return decimal_from_units(saturate(liquidity->price.units + (__int128)liquidity->tick.units * ticks));
}

struct decimal liquidity_bid(const struct liquidity *liquidity, int level)
{
    int ticks = liquidity->spread_ticks / 2 + level;
    __int128 bid = liquidity->price.units - (__int128)liquidity->tick.units * ticks;
    return decimal_from_units(bid > liquidity->tick.units ? (int64_t)bid : liquidity->tick.units);
}

struct decimal liquidity_quantity(const struct liquidity *liquidity, int level)
{
    if (liquidity->levels == 0 || level >= LIQUIDITY_LEVELS_MAX)
        return decimal_zero();
    int doublings = level < liquidity->levels ? 0 : level - liquidity->levels + 1;
    if (doublings > 62)
        doublings = 62;
    return decimal_from_units(saturate((__int128)liquidity->level_quantity.units << doublings));
}
