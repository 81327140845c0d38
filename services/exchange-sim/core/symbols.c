/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct symbol *)a)->instrument.symbol,
                  ((const struct symbol *)b)->instrument.symbol);
}

int symbols_init(struct symbols *symbols, const struct instrument *instruments, size_t count, uint64_t seed)
{
    symbols->items = calloc(count, sizeof(*symbols->items));
    if (symbols->items == NULL)
        return -ENOMEM;
    symbols->count = count;
    for (size_t i = 0; i < count; i++) {
        struct symbol *symbol = &symbols->items[i];
        symbol->instrument = instruments[i];
        price_path_init(&symbol->path, instruments[i].price, instruments[i].tick_size, seed,
                        instruments[i].symbol);
        symbol->published = price_path_price(&symbol->path);
        symbol->recorded = true;
        int error = book_create(&symbol->book);
        if (error < 0)
            return error;
    }
    qsort(symbols->items, count, sizeof(*symbols->items), compare);
    return 0;
}

void symbols_release(struct symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        book_destroy(&symbols->items[i].book);
    free(symbols->items);
}

static int compare_name(const void *key, const void *item)
{
    const struct fix_text *name = key;
    const char *symbol = ((const struct symbol *)item)->instrument.symbol;
    int order = strncmp(name->text, symbol, name->length);
    return order != 0 ? order : -(symbol[name->length] != '\0');
}

int symbols_find(const struct symbols *symbols, struct fix_text name)
{
    if (name.length >= INSTRUMENT_SYMBOL_MAX || memchr(name.text, '\0', name.length) != NULL)
        return -1;
    const struct symbol *found =
        bsearch(&name, symbols->items, symbols->count, sizeof(*symbols->items), compare_name);
    return found != NULL ? (int)(found - symbols->items) : -1;
}
