/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/trading.h"

#include <assert.h>
#include <string.h>

#include "services/exchange-sim/core/report.h"

bool trading_without_quotes(const struct exchange *exchange, size_t symbol)
{
    const struct exchange_hooks *hooks = &exchange->hooks;
    return hooks->without_quotes != NULL && hooks->without_quotes(hooks->context, symbol);
}

struct liquidity trading_liquidity(const struct exchange *exchange, size_t symbol)
{
    const struct instrument *instrument = &exchange->symbols.items[symbol].instrument;
    bool quoted = instrument->tradable && !trading_without_quotes(exchange, symbol);
    return (struct liquidity){
        .price = symbols_price(&exchange->symbols, symbol),
        .tick = instrument->tick_size,
        .level_quantity = exchange->config.level_quantity,
        .levels = quoted ? exchange->config.levels : 0,
        .spread_ticks = exchange->config.spread_ticks,
    };
}

void trading_record(struct exchange *exchange, enum record_type type, const void *bytes, size_t length)
{
    if (exchange->journal != NULL)
        (void)journal_put(exchange->journal, (uint32_t)type, bytes, length, NULL, 0);
}

void trading_record_state(struct exchange *exchange, const struct order *order)
{
    struct record_state state = {
        .order = order->number,
        .priority = order->priority,
        .quantity = order->quantity.units,
        .price = order->price.units,
        .stop_price = order->stop_price.units,
        .status = (uint8_t)order->status,
        .triggered = order->triggered,
    };
    trading_record(exchange, RECORD_STATE, &state, sizeof(state));
}

void trading_send(struct exchange *exchange, uint32_t session, const char *type, const struct fix_body *body,
                  enum sink_way way)
{
    assert(!body->overflow); /* every text in it is bounded */
    sink_send(&exchange->sink, session, type, body, way);
}

void trading_tell(struct exchange *exchange, const struct exchange_news *news, struct instant now)
{
    if (exchange->hooks.on_report != NULL)
        exchange->hooks.on_report(exchange->hooks.context, news, now);
    else
        trading_send(exchange, news->session, news->type, news->body, SINK_KEPT);
}

void trading_report(struct exchange *exchange, const struct order *order, char type,
                    const struct order_request *request, const struct book_fill *fill, struct instant now,
                    const char *text)
{
    struct fix_body body;
    struct report content = {
        .order = order,
        .symbol = fix_text_of(symbols_name(&exchange->symbols, order->instrument)),
        .cl_ord_id = fix_text_of(orders_id(exchange->orders, order->current_id)),
        .execution = type != EXEC_STATUS ? trading_next_execution(exchange) : 0,
        .type = type,
        .fill = fill,
        .time = now,
        .text = text,
    };
    if (order->current_id != order->first_id)
        content.orig_cl_ord_id = fix_text_of(orders_id(exchange->orders, order->first_id));
    if (request != NULL) {
        content.cl_ord_id = request->cl_ord_id;
        content.status_request_id = request->status_request_id;
        if (type != EXEC_STATUS)
            content.orig_cl_ord_id = request->orig_cl_ord_id;
    }
    report_order(&content, &body);
    struct exchange_news news = {
        .session = order->session, .order = order, .type = "8", .exec_type = type, .body = &body};
    trading_tell(exchange, &news, now);
}

void trading_execute(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                     struct instant now)
{
    order_fill(order, fill->quantity, fill->price);
    if (!order_open(order))
        order->handle = 0;
    exchange->counts[EXCHANGE_EXECUTIONS]++;
    trading_report(exchange, order, EXEC_TRADE, NULL, fill, now, NULL);
    struct record_execution execution = {
        .order = order->number,
        .execution = exchange->last_execution,
        .quantity = fill->quantity.units,
        .price = fill->price.units,
        .time_us = now.us,
    };
    trading_record(exchange, RECORD_EXECUTION, &execution, sizeof(execution));
}

void trading_fill(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                  struct instant now)
{
    if (exchange->hooks.on_fill != NULL)
        exchange->hooks.on_fill(exchange->hooks.context, order, fill, now);
    else
        trading_execute(exchange, order, fill, now);
}

void trading_take_out(struct exchange *exchange, struct order *order)
{
    if (order->handle != 0)
        book_remove(exchange->symbols.items[order->instrument].book, order->handle);
    order->handle = 0;
}

void trading_end(struct exchange *exchange, struct order *order, char status, struct instant now,
                 const char *text)
{
    trading_take_out(exchange, order);
    order->status = status;
    trading_record_state(exchange, order);
    /* ExecType says the end of an order by the same letter as OrdStatus. */
    trading_report(exchange, order, status, NULL, NULL, now, text);
}

static bool is_buy(const struct order *order)
{
    return order->side == SIDE_BUY;
}

static struct decimal limit_of(const struct order *order)
{
    return order->type == TYPE_LIMIT ? order->price : decimal_zero();
}

enum book_ladder trading_ladder_of(const struct order *order, struct decimal *ret_price)
{
    if (order->type == TYPE_LIMIT) {
        *ret_price = order->price;
        return is_buy(order) ? BOOK_BIDS : BOOK_ASKS;
    }
    /* What waits for quotes to come back takes any price. */
    bool any = order->type == TYPE_MARKET || order->triggered;
    struct decimal any_price = decimal_from_units(is_buy(order) ? 0 : INT64_MAX);
    *ret_price = any ? any_price : order->stop_price;
    return is_buy(order) ? BOOK_STOP_BUYS : BOOK_STOP_SELLS;
}

/* Puts an order to rest at the end of its queue, or gives it up when the book is full. */
static void rest(struct exchange *exchange, struct order *order, struct instant now)
{
    struct decimal price;
    enum book_ladder ladder = trading_ladder_of(order, &price);
    if (book_add(exchange->symbols.items[order->instrument].book, ladder, order->number, price,
                 order_leaves(order), &order->handle) < 0)
        trading_end(exchange, order, STATUS_CANCELED, now, "The order book is full");
}

size_t trading_meet_book(struct exchange *exchange, struct order *order, struct instant now)
{
    struct symbol *symbol = &exchange->symbols.items[order->instrument];
    struct liquidity liquidity = trading_liquidity(exchange, order->instrument);
    if (order->time_in_force == TIF_FOK &&
        !book_can_fill(symbol->book, &liquidity, is_buy(order), limit_of(order), order_leaves(order))) {
        trading_end(exchange, order, STATUS_CANCELED, now, "FOK cannot be filled at once");
        return 0;
    }
    struct decimal left;
    size_t count = book_match(symbol->book, &liquidity, is_buy(order), limit_of(order), order_leaves(order),
                              exchange->fills, &left);
    for (size_t i = 0; i < count; i++) {
        trading_fill(exchange, order, &exchange->fills[i], now);
        if (exchange->fills[i].order != 0)
            trading_fill(exchange, orders_get(exchange->orders, exchange->fills[i].order),
                         &exchange->fills[i], now);
    }
    if (left.units == 0)
        return count;
    bool patient = order->time_in_force == TIF_DAY || order->time_in_force == TIF_GTC;
    bool waits = order->type != TYPE_LIMIT && patient && trading_without_quotes(exchange, order->instrument);
    if (order->type != TYPE_LIMIT && !waits)
        trading_end(exchange, order, STATUS_CANCELED, now, "No more liquidity");
    else if (order->time_in_force == TIF_IOC)
        trading_end(exchange, order, STATUS_CANCELED, now, "IOC remainder");
    else if (count == BOOK_FILLS_MAX)
        trading_end(exchange, order, STATUS_CANCELED, now, "Too many fills for one order");
    else
        rest(exchange, order, now);
    return count;
}

void trading_place(struct exchange *exchange, struct order *order, struct instant now)
{
    bool waits = order->type == TYPE_STOP && !order->triggered;
    if (waits && !book_would_trigger(is_buy(order), order->stop_price,
                                     symbols_price(&exchange->symbols, order->instrument))) {
        rest(exchange, order, now);
        return;
    }
    if (waits) {
        order->triggered = true;
        trading_record_state(exchange, order);
    }
    (void)trading_meet_book(exchange, order, now);
}
