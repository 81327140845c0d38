/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one exchange, from an order that comes in to the report that goes out. */
#include "services/exchange-sim/core/exchange_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/exchange-sim/core/order_request.h"
#include "services/exchange-sim/core/report.h"

int exchange_create(const struct exchange_config *config, const struct instrument *instruments,
                    size_t instrument_count, const struct sink *sink, struct exchange **ret_exchange)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange == NULL)
        return -ENOMEM;
    exchange->config = *config;
    exchange->sink = *sink;
    int error = symbols_init(&exchange->symbols, instruments, instrument_count, config->seed);
    if (error == 0)
        error = orders_create(config->orders_expected, &exchange->orders);
    if (error == 0)
        error = market_data_create(&exchange->market_data);
    if (error < 0) {
        exchange_destroy(&exchange);
        return error;
    }
    *ret_exchange = exchange;
    return 0;
}

void exchange_destroy(struct exchange **exchange)
{
    if (*exchange == NULL)
        return;
    symbols_release(&(*exchange)->symbols);
    orders_destroy(&(*exchange)->orders);
    market_data_destroy(&(*exchange)->market_data);
    free(*exchange);
    *exchange = NULL;
}

void exchange_set_hooks(struct exchange *exchange, const struct exchange_hooks *hooks)
{
    exchange->hooks = *hooks;
}

const struct symbols *exchange_symbols(const struct exchange *exchange)
{
    return &exchange->symbols;
}

bool exchange_without_quotes(const struct exchange *exchange, size_t symbol)
{
    const struct exchange_hooks *hooks = &exchange->hooks;
    return hooks->without_quotes != NULL && hooks->without_quotes(hooks->context, symbol);
}

struct liquidity exchange_liquidity(const struct exchange *exchange, size_t symbol)
{
    const struct instrument *instrument = &exchange->symbols.items[symbol].instrument;
    bool quoted = instrument->tradable && !exchange_without_quotes(exchange, symbol);
    return (struct liquidity){
        .price = symbols_price(&exchange->symbols, symbol),
        .tick = instrument->tick_size,
        .level_quantity = exchange->config.level_quantity,
        .levels = quoted ? exchange->config.levels : 0,
        .spread_ticks = exchange->config.spread_ticks,
    };
}

struct orders *exchange_orders(struct exchange *exchange)
{
    return exchange->orders;
}

uint64_t exchange_count(const struct exchange *exchange, enum exchange_count count)
{
    return exchange->counts[count];
}

uint64_t exchange_next_execution(struct exchange *exchange)
{
    return ++exchange->last_execution;
}

void exchange_record(struct exchange *exchange, enum record_type type, const void *bytes, size_t length)
{
    if (exchange->journal != NULL)
        (void)journal_put(exchange->journal, (uint32_t)type, bytes, length, NULL, 0);
}

void exchange_record_state(struct exchange *exchange, const struct order *order)
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
    exchange_record(exchange, RECORD_STATE, &state, sizeof(state));
}

static void record_id(struct exchange *exchange, const struct order *order, struct fix_text id, bool replaces)
{
    struct record_id record_of_id = {.order = order->number, .replaces = replaces};
    memcpy(record_of_id.cl_ord_id, id.text, id.length);
    exchange_record(exchange, RECORD_ID, &record_of_id, sizeof(record_of_id));
}

static struct fix_text id_text(const struct exchange *exchange, uint32_t id)
{
    const char *text = orders_id(exchange->orders, id);
    return (struct fix_text){text, strlen(text)};
}

void exchange_send(struct exchange *exchange, uint32_t session, const char *type, const struct fix_body *body,
                   enum sink_way way)
{
    assert(!body->overflow); /* every text in it is bounded */
    sink_send(&exchange->sink, session, type, body, way);
}

/* Sends a report, unless the hook has it otherwise. */
static void tell(struct exchange *exchange, const struct exchange_news *news, struct instant now)
{
    if (exchange->hooks.on_report != NULL)
        exchange->hooks.on_report(exchange->hooks.context, news, now);
    else
        exchange_send(exchange, news->session, news->type, news->body, SINK_KEPT);
}

void exchange_report(struct exchange *exchange, const struct order *order, char type,
                     const struct order_request *request, const struct book_fill *fill, struct instant now,
                     const char *text)
{
    struct fix_body body;
    struct report content = {
        .order = order,
        .symbol = symbols_name(&exchange->symbols, order->instrument),
        .execution = type != EXEC_STATUS ? exchange_next_execution(exchange) : 0,
        .type = type,
        .time = now,
        .text = text,
    };
    content.cl_ord_id = request != NULL ? request->cl_ord_id : id_text(exchange, order->current_id);
    if (request != NULL && type != EXEC_STATUS)
        content.orig_cl_ord_id = request->orig_cl_ord_id;
    else if (order->current_id != order->first_id)
        content.orig_cl_ord_id = id_text(exchange, order->first_id);
    if (request != NULL)
        content.status_request_id = request->status_request_id;
    if (fill != NULL) {
        content.last_quantity = fill->quantity;
        content.last_price = fill->price;
    }
    report_order(&content, &body);
    struct exchange_news news = {
        .session = order->session, .order = order, .type = "8", .exec_type = type, .body = &body};
    tell(exchange, &news, now);
}

void exchange_trade(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                    struct instant now)
{
    order_fill(order, fill->quantity, fill->price);
    if (!order_open(order))
        order->handle = 0;
    exchange->counts[EXCHANGE_EXECUTIONS]++;
    exchange_report(exchange, order, EXEC_TRADE, NULL, fill, now, NULL);
    struct record_execution execution = {
        .order = order->number,
        .execution = exchange->last_execution,
        .quantity = fill->quantity.units,
        .price = fill->price.units,
        .time_us = now.us,
    };
    exchange_record(exchange, RECORD_EXECUTION, &execution, sizeof(execution));
}

void exchange_fill(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                   struct instant now)
{
    if (exchange->hooks.on_fill != NULL)
        exchange->hooks.on_fill(exchange->hooks.context, order, fill, now);
    else
        exchange_trade(exchange, order, fill, now);
}

void exchange_take_out(struct exchange *exchange, struct order *order)
{
    if (order->handle != 0)
        book_remove(exchange->symbols.items[order->instrument].book, order->handle);
    order->handle = 0;
}

void exchange_end_order(struct exchange *exchange, struct order *order, char status, struct instant now,
                        const char *text)
{
    exchange_take_out(exchange, order);
    order->status = status;
    exchange_record_state(exchange, order);
    /* ExecType says the end of an order by the same letter as OrdStatus. */
    exchange_report(exchange, order, status, NULL, NULL, now, text);
}

static bool is_buy(const struct order *order)
{
    return order->side == SIDE_BUY;
}

static struct decimal limit_of(const struct order *order)
{
    return order->type == TYPE_LIMIT ? order->price : decimal_zero();
}

enum book_ladder exchange_place_of(const struct order *order, struct decimal *ret_price)
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
    enum book_ladder ladder = exchange_place_of(order, &price);
    if (book_add(exchange->symbols.items[order->instrument].book, ladder, order->number, price,
                 order_leaves(order), &order->handle) < 0)
        exchange_end_order(exchange, order, STATUS_CANCELED, now, "The order book is full");
}

size_t exchange_meet_book(struct exchange *exchange, struct order *order, struct instant now)
{
    struct symbol *symbol = &exchange->symbols.items[order->instrument];
    struct liquidity liquidity = exchange_liquidity(exchange, order->instrument);
    if (order->time_in_force == TIF_FOK &&
        !book_can_fill(symbol->book, &liquidity, is_buy(order), limit_of(order), order_leaves(order))) {
        exchange_end_order(exchange, order, STATUS_CANCELED, now, "FOK cannot be filled at once");
        return 0;
    }
    struct decimal left;
    size_t count = book_match(symbol->book, &liquidity, is_buy(order), limit_of(order), order_leaves(order),
                              exchange->fills, &left);
    for (size_t i = 0; i < count; i++) {
        exchange_fill(exchange, order, &exchange->fills[i], now);
        if (exchange->fills[i].order != 0)
            exchange_fill(exchange, orders_get(exchange->orders, exchange->fills[i].order),
                          &exchange->fills[i], now);
    }
    if (left.units == 0)
        return count;
    bool patient = order->time_in_force == TIF_DAY || order->time_in_force == TIF_GTC;
    bool waits = order->type != TYPE_LIMIT && patient && exchange_without_quotes(exchange, order->instrument);
    if (order->type != TYPE_LIMIT && !waits)
        exchange_end_order(exchange, order, STATUS_CANCELED, now, "No more liquidity");
    else if (order->time_in_force == TIF_IOC)
        exchange_end_order(exchange, order, STATUS_CANCELED, now, "IOC remainder");
    else if (count == BOOK_FILLS_MAX)
        exchange_end_order(exchange, order, STATUS_CANCELED, now, "Too many fills for one order");
    else
        rest(exchange, order, now);
    return count;
}

/* Where an order that has just come, or come anew, goes. */
static void place(struct exchange *exchange, struct order *order, struct instant now)
{
    bool waits = order->type == TYPE_STOP && !order->triggered;
    if (waits && !book_would_trigger(is_buy(order), order->stop_price,
                                     symbols_price(&exchange->symbols, order->instrument))) {
        rest(exchange, order, now);
        return;
    }
    if (waits) {
        order->triggered = true;
        exchange_record_state(exchange, order);
    }
    (void)exchange_meet_book(exchange, order, now);
}

struct refusal {
    int reason;
    const char *text; /* NULL: none */
};

static struct refusal check_numbers(const struct instrument *instrument, const struct order_request *request)
{
    if (!decimal_is_multiple(request->quantity, instrument->lot_size))
        return (struct refusal){ORD_REJECT_QUANTITY, "OrderQty is not a multiple of the lot size"};
    if (request->type == TYPE_LIMIT && !decimal_is_multiple(request->price, instrument->tick_size))
        return (struct refusal){ORD_REJECT_OTHER, "Price is not a multiple of the tick size"};
    if (request->type == TYPE_STOP && !decimal_is_multiple(request->stop_price, instrument->tick_size))
        return (struct refusal){ORD_REJECT_OTHER, "StopPx is not a multiple of the tick size"};
    return (struct refusal){0, NULL};
}

static struct refusal check_new(const struct exchange *exchange, int symbol,
                                const struct order_request *request)
{
    if (symbol < 0)
        return (struct refusal){ORD_REJECT_UNKNOWN_SYMBOL, "Unknown symbol"};
    if (!exchange->symbols.items[symbol].instrument.tradable)
        return (struct refusal){ORD_REJECT_CLOSED, "The symbol is not tradable"};
    if (request->side != SIDE_BUY && request->side != SIDE_SELL)
        return (struct refusal){ORD_REJECT_UNSUPPORTED, "Side must be 1 or 2"};
    if (request->type != TYPE_MARKET && request->type != TYPE_LIMIT && request->type != TYPE_STOP)
        return (struct refusal){ORD_REJECT_UNSUPPORTED, "OrdType must be 1, 2 or 3"};
    if (strchr("0134", request->time_in_force) == NULL || request->time_in_force == '\0')
        return (struct refusal){ORD_REJECT_UNSUPPORTED, "TimeInForce must be 0, 1, 3 or 4"};
    return check_numbers(&exchange->symbols.items[symbol].instrument, request);
}

/* Tells the client that its request to enter, cancel or replace an order is refused. `order` may be NULL. */
static void refuse(struct exchange *exchange, const struct order_request *request, const struct order *order,
                   struct refusal refusal)
{
    struct fix_body body;
    struct exchange_news news = {
        .session = request->session, .order = order, .request = request, .type = "9", .body = &body};
    if (request->message == 'D') {
        exchange->counts[EXCHANGE_REJECTED]++;
        news.order = NULL;
        news.type = "8";
        news.exec_type = EXEC_REJECTED;
        report_refusal(request, exchange_next_execution(exchange), refusal.reason, refusal.text, &body);
    } else {
        report_cancel_reject(request, order, refusal.reason, refusal.text, &body);
    }
    tell(exchange, &news, request->time);
}

static void record_order(struct exchange *exchange, const struct order *order,
                         const struct order_request *request)
{
    struct record_order content = {
        .order = order->number,
        .priority = order->priority,
        .quantity = order->quantity.units,
        .price = order->price.units,
        .stop_price = order->stop_price.units,
        .time_us = order->time.us,
        .session = order->session,
        .side = (uint8_t)order->side,
        .type = (uint8_t)order->type,
        .time_in_force = (uint8_t)order->time_in_force,
        .status = (uint8_t)order->status,
    };
    memcpy(content.symbol, request->symbol.text, request->symbol.length);
    memcpy(content.cl_ord_id, request->cl_ord_id.text, request->cl_ord_id.length);
    exchange_record(exchange, RECORD_ORDER, &content, sizeof(content));
}

static void receive_new(struct exchange *exchange, const struct order_request *request, struct order *order)
{
    struct refusal refusal = {ORD_REJECT_DUPLICATE, "Duplicate ClOrdID"};
    int symbol = symbols_find(&exchange->symbols, request->symbol);
    if (order == NULL)
        refusal = check_new(exchange, symbol, request);
    if (refusal.text == NULL &&
        orders_add(exchange->orders, request->session, request->cl_ord_id, &order) < 0)
        refusal = (struct refusal){ORD_REJECT_EXCEEDS_LIMIT, "The exchange is full"};
    if (refusal.text != NULL) {
        refuse(exchange, request, NULL, refusal);
        return;
    }
    order->instrument = (uint32_t)symbol;
    order->side = request->side;
    order->type = request->type;
    order->time_in_force = request->time_in_force;
    order->quantity = request->quantity;
    order->price = request->type == TYPE_LIMIT ? request->price : decimal_zero();
    order->stop_price = request->type == TYPE_STOP ? request->stop_price : decimal_zero();
    order->time = request->time;
    order->status = STATUS_NEW;
    order->priority = ++exchange->last_priority;
    exchange->counts[EXCHANGE_ORDERS]++;
    record_order(exchange, order, request);
    exchange_report(exchange, order, EXEC_NEW, NULL, NULL, request->time, NULL);
    place(exchange, order, request->time);
}

/* What speaks against cancelling or replacing `order`, whatever the request wants of it. */
static struct refusal check_change(struct exchange *exchange, const struct order_request *request,
                                   const struct order *order)
{
    if (order == NULL)
        return (struct refusal){CANCEL_REJECT_UNKNOWN_ORDER, "Unknown order"};
    if (orders_find(exchange->orders, request->session, request->cl_ord_id) != NULL)
        return (struct refusal){CANCEL_REJECT_DUPLICATE, "Duplicate ClOrdID"};
    if (!fix_text_equals(request->symbol, exchange->symbols.items[order->instrument].instrument.symbol) ||
        request->side != order->side)
        return (struct refusal){CANCEL_REJECT_OTHER, "Symbol or side is not the order's"};
    if (!order_open(order))
        return (struct refusal){CANCEL_REJECT_TOO_LATE, "Too late: the order is done"};
    return (struct refusal){0, NULL};
}

static void receive_cancel(struct exchange *exchange, const struct order_request *request,
                           struct order *order)
{
    struct refusal refusal = check_change(exchange, request, order);
    if (refusal.text == NULL && orders_add_id(exchange->orders, order, request->cl_ord_id, false) < 0)
        refusal = (struct refusal){CANCEL_REJECT_BROKER, "The exchange is full"};
    if (refusal.text != NULL) {
        refuse(exchange, request, order, refusal);
        return;
    }
    exchange->counts[EXCHANGE_CANCELS]++;
    struct decimal left = order_leaves(order);
    exchange_take_out(exchange, order);
    order->status = STATUS_CANCELED;
    record_id(exchange, order, request->cl_ord_id, false);
    exchange_record_state(exchange, order);
    exchange_report(exchange, order, EXEC_CANCELED, request, NULL, request->time, NULL);
    if (exchange->hooks.on_cancel != NULL)
        exchange->hooks.on_cancel(exchange->hooks.context, order, left, request->time);
}

static void apply_replace(struct exchange *exchange, struct order *order, const struct order_request *request)
{
    struct decimal price = order->type == TYPE_LIMIT ? request->price : decimal_zero();
    struct decimal stop_price = order->type == TYPE_STOP ? request->stop_price : decimal_zero();
    bool same_price = price.units == order->price.units && stop_price.units == order->stop_price.units;
    bool keeps_place = same_price && request->quantity.units <= order->quantity.units;
    bool smaller = request->quantity.units < order->quantity.units;
    bool done = request->quantity.units <= order->cum_quantity.units;
    if (done || !keeps_place)
        exchange_take_out(exchange, order);
    /* Asking for no more than is filled means: cancel the rest (FIX 4.4, order state changes, C.2.b). */
    order->quantity = done ? order->cum_quantity : request->quantity;
    order->price = price;
    order->stop_price = stop_price;
    if (done)
        order->status = STATUS_FILLED;
    else if (!keeps_place)
        order->priority = ++exchange->last_priority;
    else if (smaller)
        book_reduce(exchange->symbols.items[order->instrument].book, order->handle, order_leaves(order));
    record_id(exchange, order, request->cl_ord_id, true);
    exchange_record_state(exchange, order);
    exchange_report(exchange, order, EXEC_REPLACED, request, NULL, request->time, NULL);
    if (!done && !keeps_place)
        place(exchange, order, request->time);
}

static void receive_replace(struct exchange *exchange, const struct order_request *request,
                            struct order *order)
{
    struct refusal refusal = check_change(exchange, request, order);
    if (refusal.text == NULL && request->type != order->type)
        refusal = (struct refusal){CANCEL_REJECT_OTHER, "OrdType cannot be replaced"};
    if (refusal.text == NULL) {
        refusal = check_numbers(&exchange->symbols.items[order->instrument].instrument, request);
        refusal.reason = CANCEL_REJECT_OTHER;
    }
    if (refusal.text == NULL && orders_add_id(exchange->orders, order, request->cl_ord_id, true) < 0)
        refusal = (struct refusal){CANCEL_REJECT_BROKER, "The exchange is full"};
    if (refusal.text != NULL) {
        refuse(exchange, request, order, refusal);
        return;
    }
    exchange->counts[EXCHANGE_REPLACES]++;
    apply_replace(exchange, order, request);
}

static void receive_status(struct exchange *exchange, const struct order_request *request,
                           struct order *order)
{
    exchange->counts[EXCHANGE_STATUS_ANSWERS]++;
    if (order != NULL) {
        if (exchange->hooks.on_query != NULL)
            exchange->hooks.on_query(exchange->hooks.context, order);
        exchange_report(exchange, order, EXEC_STATUS, request, NULL, request->time, NULL);
        return;
    }
    struct fix_body body;
    report_unknown(request, &body);
    struct exchange_news news = {.session = request->session,
                                 .request = request,
                                 .type = "8",
                                 .exec_type = EXEC_STATUS,
                                 .body = &body};
    tell(exchange, &news, request->time);
}

/* MsgTypes of FIX 4.4 are one alphanumeric, or A or B and a capital. */
static bool known_type(struct fix_text type)
{
    if (type.length == 1)
        return type.text[0] != '\0' &&
               strchr("0123456789ABCDEFGHJKLMNPQRSTVWXYZabcdefghijkmnopqrstuvwxyz", type.text[0]) != NULL;
    return type.length == 2 && ((type.text[0] == 'A' && type.text[1] >= 'A' && type.text[1] <= 'Z') ||
                                (type.text[0] == 'B' && type.text[1] >= 'A' && type.text[1] <= 'H'));
}

static void receive_unsupported(struct exchange *exchange, uint32_t session,
                                const struct fix_message *message)
{
    enum { UNSUPPORTED_MESSAGE_TYPE = 3 };
    struct fix_body body;
    fix_body_clear(&body);
    if (known_type(message->type)) {
        report_business_reject(message, UNSUPPORTED_MESSAGE_TYPE, (struct fix_text){0},
                               "Unsupported message type", &body);
        exchange_send(exchange, session, "j", &body, SINK_KEPT);
    } else {
        fix_put_reject(&body, message, FIX_REASON_INVALID_MSG_TYPE, FIX_MSG_TYPE, "Invalid MsgType");
        exchange_send(exchange, session, "3", &body, SINK_KEPT);
    }
}

/* Refuses a request for the hook's reason. */
static void refuse_by_hook(struct exchange *exchange, const struct order_request *request,
                           const struct order *order, int reason)
{
    struct fix_body body;
    if (request->message != 'H') {
        refuse(exchange, request, order, (struct refusal){reason, "The exchange refuses it"});
        return;
    }
    report_unknown(request, &body);
    exchange_send(exchange, request->session, "8", &body, SINK_KEPT);
}

static void receive_request(struct exchange *exchange, const struct order_request *request)
{
    const struct exchange_hooks *hooks = &exchange->hooks;
    bool changes = request->message == 'F' || request->message == 'G';
    struct order *order = orders_find(exchange->orders, request->session,
                                      changes ? request->orig_cl_ord_id : request->cl_ord_id);
    int reason = -1;
    if (hooks->on_request != NULL && !hooks->on_request(hooks->context, request, order, &reason))
        return;
    if (reason >= 0)
        refuse_by_hook(exchange, request, order, reason);
    else if (request->message == 'D')
        receive_new(exchange, request, order);
    else if (request->message == 'F')
        receive_cancel(exchange, request, order);
    else if (request->message == 'G')
        receive_replace(exchange, request, order);
    else
        receive_status(exchange, request, order);
}

void exchange_receive(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                      struct instant now)
{
    enum { CONDITIONALLY_REQUIRED_FIELD_MISSING = 5 };
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    if (type == 'V') {
        market_data_request(exchange->market_data, &exchange->symbols, &exchange->sink, session, message,
                            now);
        return;
    }
    if (type == '\0' || strchr("DFGH", type) == NULL) {
        receive_unsupported(exchange, session, message);
        return;
    }
    struct order_request request;
    struct fix_body body;
    struct fix_fault fault = order_request_parse(message, type, &request);
    request.session = session;
    request.time = now;
    fix_body_clear(&body);
    if (fault.kind == FIX_FAULTY) {
        fix_put_reject(&body, message, fault.reason, fault.tag, fault.text);
        exchange_send(exchange, session, "3", &body, SINK_KEPT);
    } else if (fault.kind == FIX_INCOMPLETE) {
        report_business_reject(message, CONDITIONALLY_REQUIRED_FIELD_MISSING, request.cl_ord_id, fault.text,
                               &body);
        exchange_send(exchange, session, "j", &body, SINK_KEPT);
    } else {
        receive_request(exchange, &request);
    }
}

void exchange_forget_session(struct exchange *exchange, uint32_t session)
{
    market_data_forget_session(exchange->market_data, session);
}
