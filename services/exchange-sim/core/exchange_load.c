/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the journal's entries back: see exchange.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/exchange-sim/core/exchange.h"

/* A text that ends with a NUL, or with its room. */
static struct fix_text text_in(const char *text, size_t size)
{
    return (struct fix_text){text, strnlen(text, size)};
}

static int load_order(struct exchange *exchange, const struct record_order *content)
{
    struct order *order = NULL;
    struct fix_text id = text_in(content->cl_ord_id, sizeof(content->cl_ord_id));
    int symbol = symbols_find(&exchange->symbols, text_in(content->symbol, sizeof(content->symbol)));
    if (id.length == 0 || id.length == sizeof(content->cl_ord_id) ||
        content->order != orders_count(exchange->orders) + 1 ||
        orders_find(exchange->orders, content->session, id) != NULL)
        return -EBADMSG;
    if (symbol < 0)
        return -ENOENT;
    int error = orders_add(exchange->orders, content->session, id, &order);
    if (error < 0)
        return error;
    order->instrument = (uint32_t)symbol;
    order->side = (char)content->side;
    order->type = (char)content->type;
    order->time_in_force = (char)content->time_in_force;
    order->status = (char)content->status;
    order->quantity.units = content->quantity;
    order->price.units = content->price;
    order->stop_price.units = content->stop_price;
    order->time.us = content->time_us;
    order->priority = content->priority;
    exchange->last_priority =
        content->priority > exchange->last_priority ? content->priority : exchange->last_priority;
    return 0;
}

static int load_state(struct exchange *exchange, const struct record_state *state)
{
    struct order *order = orders_get(exchange->orders, state->order);
    if (order == NULL)
        return -EBADMSG;
    order->quantity.units = state->quantity;
    order->price.units = state->price;
    order->stop_price.units = state->stop_price;
    order->status = (char)state->status;
    order->triggered = state->triggered != 0;
    order->priority = state->priority;
    exchange->last_priority =
        state->priority > exchange->last_priority ? state->priority : exchange->last_priority;
    return 0;
}

static int load_id(struct exchange *exchange, const struct record_id *content)
{
    struct order *order = orders_get(exchange->orders, content->order);
    struct fix_text id = text_in(content->cl_ord_id, sizeof(content->cl_ord_id));
    if (order == NULL || id.length == 0 || id.length == sizeof(content->cl_ord_id))
        return -EBADMSG;
    return orders_add_id(exchange->orders, order, id, content->replaces != 0);
}

static int load_execution(struct exchange *exchange, const struct record_execution *execution)
{
    struct order *order = orders_get(exchange->orders, execution->order);
    if (order == NULL)
        return -EBADMSG;
    order_fill(order, decimal_from_units(execution->quantity), decimal_from_units(execution->price));
    return 0;
}

static int load_price(struct exchange *exchange, const struct record_price *price)
{
    int index = symbols_find(&exchange->symbols, text_in(price->symbol, sizeof(price->symbol)));
    if (index < 0)
        return 0; /* no longer listed: its path is of no use */
    struct symbol *symbol = &exchange->symbols.items[index];
    if (price->value <= 0 || price->start <= 0)
        return -EBADMSG;
    symbol->path.start.units = price->start;
    symbol->path.value.units = price->value;
    symbol->path.random = price->random;
    symbol->published = price_path_price(&symbol->path);
    return 0;
}

int exchange_load(struct exchange *exchange, const struct journal_entry *entry)
{
    if (!records_fit(entry->type, entry->length))
        return -EBADMSG;
    switch ((enum record_type)entry->type) {
    case RECORD_ORDER:
        return load_order(exchange, entry->bytes);
    case RECORD_STATE:
        return load_state(exchange, entry->bytes);
    case RECORD_EXECUTION:
        return load_execution(exchange, entry->bytes);
    case RECORD_ID:
        return load_id(exchange, entry->bytes);
    case RECORD_PRICE:
        return load_price(exchange, entry->bytes);
    case RECORD_COUNTER:
        exchange->last_execution = ((const struct record_counter *)entry->bytes)->last_execution;
        exchange->sealed_execution = exchange->last_execution;
        return 0;
    default:
        return -EBADMSG;
    }
}

static int compare_priority(const void *a, const void *b)
{
    const struct order *first = *(struct order *const *)a, *second = *(struct order *const *)b;
    return (first->priority > second->priority) - (first->priority < second->priority);
}

int exchange_load_end(struct exchange *exchange, struct journal *journal)
{
    uint64_t count = orders_count(exchange->orders);
    size_t open = 0;
    for (uint64_t number = 1; number <= count; number++)
        open += order_open(orders_get(exchange->orders, number));
    struct order **resting = calloc(open + 1, sizeof(struct order *));
    if (resting == NULL)
        return -ENOMEM;
    open = 0;
    for (uint64_t number = 1; number <= count; number++)
        if (order_open(orders_get(exchange->orders, number)))
            resting[open++] = orders_get(exchange->orders, number);
    qsort(resting, open, sizeof(struct order *), compare_priority);
    int error = 0;
    for (size_t i = 0; i < open && error == 0; i++) {
        struct order *order = resting[i];
        struct decimal price;
        enum book_ladder ladder = trading_ladder_of(order, &price);
        /* What waits for quotes meets them now. */
        exchange->symbols.items[order->instrument].moved |= order->type == TYPE_MARKET || order->triggered;
        error = book_add(exchange->symbols.items[order->instrument].book, ladder, order->number, price,
                         order_leaves(order), &order->handle);
    }
    free(resting);
    exchange->journal = journal;
    return error;
}
