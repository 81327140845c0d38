/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic quotes around a price, so that a lone trader gets fills.
 *
 * Stateless: the quotes are a function of the price and the level, hence replenished after every match. Level
 * 0 is the best; each further one is a tick worse. The first `levels` have `level_quantity` each; below them
 * every level doubles the one before, so that an order of any size is filled within LIQUIDITY_LEVELS_MAX
 * levels. A bid never falls below one tick. */
#ifndef OXE_EXCHANGE_SIM_LIQUIDITY_H
#define OXE_EXCHANGE_SIM_LIQUIDITY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/decimal.h"

enum { LIQUIDITY_LEVELS_MAX = 128 };

struct liquidity {
    struct decimal price; /* the middle, a multiple of tick */
    struct decimal tick;
    struct decimal level_quantity; /* 0: no quotes at all */
    int levels;                    /* 0 to LIQUIDITY_LEVELS_MAX / 2 */
    int spread_ticks;              /* from best bid to best ask; the odd tick goes to the ask */
};

/* The quote that somebody who buys (sells) would meet at `level`. */
struct decimal liquidity_ask(const struct liquidity *liquidity, int level);
struct decimal liquidity_bid(const struct liquidity *liquidity, int level);

/* Zero when there is no such level. */
struct decimal liquidity_quantity(const struct liquidity *liquidity, int level);

#endif
