/* SPDX-License-Identifier: Apache-2.0 */
/* What happens without a message: prices move, triggers come, days end. See exchange.h. */
#include <errno.h>
#include <string.h>

#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/core/report.h"

/* Orders that the new price has reached: stops become market orders, resting ones meet the quotes. Takes from
 * the budget of fills; the symbol stays marked as moved until nothing is left to do. */
static void settle_symbol(struct exchange *exchange, size_t index, struct instant now, size_t *budget)
{
    struct symbol *symbol = &exchange->symbols.items[index];
    struct decimal price = symbols_price(&exchange->symbols, index);
    while (*budget > 0 && !trading_without_quotes(exchange, index)) {
        uint64_t number = book_trigger(symbol->book, price);
        if (number == 0)
            break;
        struct order *order = orders_get(exchange->orders, number);
        order->handle = 0;
        order->triggered = order->type == TYPE_STOP;
        trading_record_state(exchange, order);
        size_t used = trading_meet_book(exchange, order, now) + 1;
        *budget -= used < *budget ? used : *budget;
    }
    struct liquidity liquidity = trading_liquidity(exchange, index);
    bool done = false;
    while (*budget > 0 && !done) {
        size_t count = book_cross(symbol->book, &liquidity, exchange->fills);
        for (size_t i = 0; i < count; i++)
            trading_fill(exchange, orders_get(exchange->orders, exchange->fills[i].order),
                         &exchange->fills[i], now);
        *budget -= count < *budget ? count : *budget;
        done = count < BOOK_FILLS_MAX;
    }
    symbol->moved = !done;
}

void exchange_quotes_changed(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->symbols.count; i++)
        exchange->symbols.items[i].moved = true;
}

bool exchange_settle(struct exchange *exchange, struct instant now)
{
    size_t budget = EXCHANGE_SETTLE_MAX;
    bool all = true;
    for (size_t i = 0; i < exchange->symbols.count; i++) {
        if (exchange->symbols.items[i].moved)
            settle_symbol(exchange, i, now, &budget);
        all = all && !exchange->symbols.items[i].moved;
    }
    return all;
}

void exchange_step(struct exchange *exchange)
{
    if (exchange->config.volatility_bp == 0)
        return;
    for (size_t i = 0; i < exchange->symbols.count; i++) {
        struct symbol *symbol = &exchange->symbols.items[i];
        if (!symbol->instrument.tradable)
            continue;
        struct decimal before = symbols_price(&exchange->symbols, i);
        price_path_step(&symbol->path, exchange->config.volatility_bp);
        symbol->recorded = false;
        if (decimal_compare(before, symbols_price(&exchange->symbols, i)) != 0)
            symbol->moved = true;
    }
}

static void record_price(struct exchange *exchange, struct symbol *symbol)
{
    struct record_price price = {
        .start = symbol->path.start.units, .value = symbol->path.value.units, .random = symbol->path.random};
    memcpy(price.symbol, symbol->instrument.symbol, sizeof(price.symbol));
    trading_record(exchange, RECORD_PRICE, &price, sizeof(price));
    symbol->recorded = true;
}

int exchange_set_price(struct exchange *exchange, size_t index, struct decimal price)
{
    struct symbol *symbol = &exchange->symbols.items[index];
    if (!decimal_is_positive(price) || !decimal_is_multiple(price, symbol->instrument.tick_size))
        return -EINVAL;
    price_path_set(&symbol->path, price);
    symbol->moved = true;
    record_price(exchange, symbol);
    return 0;
}

void exchange_publish(struct exchange *exchange, struct instant now)
{
    for (size_t i = 0; i < exchange->symbols.count; i++) {
        struct decimal price = symbols_price(&exchange->symbols, i);
        if (decimal_compare(price, exchange->symbols.items[i].published) == 0)
            continue;
        exchange->symbols.items[i].published = price;
        market_data_update(exchange->market_data, i, now);
    }
}

void exchange_seal(struct exchange *exchange, bool prices)
{
    if (exchange->last_execution != exchange->sealed_execution) {
        struct record_counter counter = {.last_execution = exchange->last_execution};
        trading_record(exchange, RECORD_COUNTER, &counter, sizeof(counter));
        exchange->sealed_execution = exchange->last_execution;
    }
    for (size_t i = 0; prices && i < exchange->symbols.count; i++)
        if (!exchange->symbols.items[i].recorded)
            record_price(exchange, &exchange->symbols.items[i]);
}

bool exchange_end_day(struct exchange *exchange, struct instant end, struct instant now, size_t max)
{
    uint64_t number = exchange->expire_next == 0 ? 1 : exchange->expire_next;
    for (size_t expired = 0; number <= orders_count(exchange->orders) && expired < max; number++) {
        struct order *order = orders_get(exchange->orders, number);
        if (!order_open(order) || order->time_in_force != TIF_DAY || order->time.us >= end.us)
            continue;
        trading_end(exchange, order, STATUS_EXPIRED, now, "End of the trading day");
        expired++;
    }
    bool finished = number > orders_count(exchange->orders);
    exchange->expire_next = finished ? 0 : number;
    return finished;
}

bool exchange_take_away(struct exchange *exchange, const char *cl_ord_id, struct instant now)
{
    for (uint64_t number = orders_count(exchange->orders); number > 0; number--) {
        struct order *order = orders_get(exchange->orders, number);
        if (!order_open(order) || strcmp(orders_id(exchange->orders, order->first_id), cl_ord_id) != 0)
            continue;
        trading_end(exchange, order, STATUS_CANCELED, now, "Cancelled by the exchange");
        return true;
    }
    return false;
}
