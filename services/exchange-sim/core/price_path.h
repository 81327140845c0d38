/* SPDX-License-Identifier: Apache-2.0 */
/* The price of a symbol when nobody trades: a random walk that its seed fixes.
 *
 * Pure and integer. Each step moves the value by up to volatility_bp hundredths of a percent either way,
 * evenly distributed, and never leaves a quarter to four times the start. The value keeps 8 digits; what is
 * quoted is the value rounded to ticks. */
#ifndef OXE_EXCHANGE_SIM_PRICE_PATH_H
#define OXE_EXCHANGE_SIM_PRICE_PATH_H

#include <stdint.h>

#include "common/decimal.h"

struct price_path {
    struct decimal start;
    struct decimal value;
    struct decimal tick;
    uint64_t random; /* state of the generator */
};

/* start and tick are positive (asserted). Paths of one seed differ by the text of their symbol. */
void price_path_init(struct price_path *path, struct decimal start, struct decimal tick, uint64_t seed,
                     const char *symbol);

/* One step; volatility_bp 0 leaves the value as it is. */
void price_path_step(struct price_path *path, int64_t volatility_bp);

/* Moves the value by hand; it is positive (asserted). Outside of the bounds it becomes the new start. */
void price_path_set(struct price_path *path, struct decimal value);

/* The value rounded to ticks, at least one tick. */
struct decimal price_path_price(const struct price_path *path);

#endif
