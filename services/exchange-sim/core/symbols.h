/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange lists: each symbol with its instrument, price path and book.
 *
 * Pure but for memory. A symbol's index, below `count`, is its name within the process; it depends on the
 * file of instruments, so the journal has symbols by name. */
#ifndef OXE_EXCHANGE_SIM_SYMBOLS_H
#define OXE_EXCHANGE_SIM_SYMBOLS_H

#include "services/exchange-sim/core/book.h"
#include "services/exchange-sim/core/instruments.h"
#include "services/exchange-sim/core/price_path.h"
#include "services/exchange-sim/fix/fix.h"

struct symbol {
    struct instrument instrument;
    struct price_path path;
    struct book *book;
    struct decimal published; /* the price that subscribers know */
    bool moved;               /* the price has changed since resting orders were last compared with it */
    bool recorded;            /* the journal knows the path as it is */
};

struct symbols {
    struct symbol *items; /* sorted by name */
    size_t count;
};

/* Copies the instruments. -ENOMEM; what is half built is released by symbols_release all the same. */
int symbols_init(struct symbols *symbols, const struct instrument *instruments, size_t count, uint64_t seed);
void symbols_release(struct symbols *symbols);

/* The index, or -1. */
int symbols_find(const struct symbols *symbols, struct fix_text name);

static inline const char *symbols_name(const struct symbols *symbols, size_t index)
{
    return symbols->items[index].instrument.symbol;
}
static inline struct decimal symbols_price(const struct symbols *symbols, size_t index)
{
    return price_path_price(&symbols->items[index].path);
}

#endif
