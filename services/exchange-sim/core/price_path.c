/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/price_path.h"

#include <assert.h>
#include <string.h>

#include "common/hash.h"

enum { BOUND_FACTOR = 4, BASIS_POINTS = 10000 };

void price_path_init(struct price_path *path, struct decimal start, struct decimal tick, uint64_t seed,
                     const char *symbol)
{
    assert(decimal_is_positive(start) && decimal_is_positive(tick));
    uint64_t hash = hash_bytes(HASH_START, symbol, strlen(symbol));
    *path = (struct price_path){.start = start, .value = start, .tick = tick, .random = seed ^ hash};
}

static int64_t lower_bound(const struct price_path *path)
{
    int64_t bound = path->start.units / BOUND_FACTOR;
    return bound > path->tick.units ? bound : path->tick.units;
}

static int64_t upper_bound(const struct price_path *path)
{
    return path->start.units > INT64_MAX / BOUND_FACTOR ? INT64_MAX : path->start.units * BOUND_FACTOR;
}

void price_path_step(struct price_path *path, int64_t volatility_bp)
{
    if (volatility_bp == 0)
        return;
    int32_t random = (int32_t)(hash_mix(path->random += HASH_STEP) >> 32);
    __int128 move =
        (__int128)path->value.units * volatility_bp * random / BASIS_POINTS / ((int64_t)INT32_MAX + 1);
    __int128 value = path->value.units + move;
    if (value < lower_bound(path) || value > upper_bound(path))
        value = path->value.units - move;
    if (value >= lower_bound(path) && value <= upper_bound(path))
        path->value.units = (int64_t)value;
}

void price_path_set(struct price_path *path, struct decimal value)
{
    assert(decimal_is_positive(value));
    path->value = value;
    if (value.units < lower_bound(path) || value.units > upper_bound(path))
        path->start = value;
}

struct decimal price_path_price(const struct price_path *path)
{
    int64_t tick = path->tick.units;
    int64_t ticks = path->value.units / tick + (path->value.units % tick >= tick - tick / 2);
    return decimal_from_units(ticks > 0 ? ticks * tick : tick);
}
