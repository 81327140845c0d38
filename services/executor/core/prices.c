/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/prices.h"

#include <stdio.h>
#include <string.h>

void prices_note(struct prices *prices, const char *symbol, struct decimal price)
{
    size_t i = 0;
    if (!decimal_is_positive(price) || symbol[0] == '\0')
        return;
    while (i < prices->count && strcmp(prices->items[i].symbol, symbol) != 0)
        i++;
    if (i == PRICES_MAX)
        return;
    if (i == prices->count)
        prices->count++;
    (void)snprintf(prices->items[i].symbol, sizeof(prices->items[i].symbol), "%s", symbol);
    struct price *item = &prices->items[i];
    if (!item->changed)
        item->open = item->high = item->low = price;
    if (decimal_compare(price, item->high) > 0)
        item->high = price;
    if (decimal_compare(price, item->low) < 0)
        item->low = price;
    item->price = price;
    item->changed = item->current = true;
}

void prices_session_ended(struct prices *prices)
{
    for (size_t i = 0; i < prices->count; i++)
        prices->items[i].current = false;
}

void prices_written(struct prices *prices)
{
    for (size_t i = 0; i < prices->count; i++)
        prices->items[i].changed = false;
}
