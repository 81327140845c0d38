/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one exchange, from an order that comes in to the report that goes out. */
#include "services/exchange-sim/core/exchange.h"

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
        error = market_data_create(&exchange->symbols, &exchange->sink, &exchange->market_data);
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

static void record_id(struct exchange *exchange, const struct order *order, struct fix_text id, bool replaces)
{
    struct record_id record_of_id = {.order = order->number, .replaces = replaces};
    memcpy(record_of_id.cl_ord_id, id.text, id.length);
    trading_record(exchange, RECORD_ID, &record_of_id, sizeof(record_of_id));
}

struct refusal {
    int reason;
    const char *text; /* NULL: none */
};

static const struct refusal granted = {0, NULL};

static struct refusal check_numbers(const struct instrument *instrument, const struct order_request *request)
{
    if (!decimal_is_multiple(request->quantity, instrument->lot_size))
        return (struct refusal){ORD_REJECT_QUANTITY, "OrderQty is not a multiple of the lot size"};
    if (request->type == TYPE_LIMIT && !decimal_is_multiple(request->price, instrument->tick_size))
        return (struct refusal){ORD_REJECT_OTHER, "Price is not a multiple of the tick size"};
    if (request->type == TYPE_STOP && !decimal_is_multiple(request->stop_price, instrument->tick_size))
        return (struct refusal){ORD_REJECT_OTHER, "StopPx is not a multiple of the tick size"};
    return granted;
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

static const struct refusal unknown_order = {ORD_REJECT_UNKNOWN_ORDER, "Unknown order"};

/* Tells the client that its request is refused. `order`, which it is about, may be NULL. */
static void refuse(struct exchange *exchange, const struct order_request *request, const struct order *order,
                   struct refusal refusal)
{
    struct fix_body body;
    struct exchange_news news = {.session = request->session, .request = request, .type = "8", .body = &body};
    if (request->message == 'D') {
        exchange->counts[EXCHANGE_REJECTED]++;
        news.exec_type = EXEC_REJECTED;
        report_refusal(request, trading_next_execution(exchange), refusal.reason, refusal.text, &body);
    } else if (request->message == 'H') {
        news.exec_type = EXEC_STATUS;
        report_refusal(request, 0, refusal.reason, refusal.text, &body);
    } else {
        news.order = order;
        news.type = "9";
        report_cancel_reject(request, order, refusal.reason, refusal.text, &body);
    }
    trading_tell(exchange, &news, request->time);
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
    trading_record(exchange, RECORD_ORDER, &content, sizeof(content));
}

static struct refusal receive_new(struct exchange *exchange, const struct order_request *request,
                                  struct order *order)
{
    int symbol = symbols_find(&exchange->symbols, request->symbol);
    if (order != NULL)
        return (struct refusal){ORD_REJECT_DUPLICATE, "Duplicate ClOrdID"};
    struct refusal refusal = check_new(exchange, symbol, request);
    if (refusal.text != NULL)
        return refusal;
    if (orders_add(exchange->orders, request->session, request->cl_ord_id, &order) < 0)
        return (struct refusal){ORD_REJECT_EXCEEDS_LIMIT, "The exchange is full"};
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
    trading_report(exchange, order, EXEC_NEW, NULL, NULL, request->time, NULL);
    trading_place(exchange, order, request->time);
    return granted;
}

static const struct refusal full = {CANCEL_REJECT_BROKER, "The exchange is full"};

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
    return granted;
}

static struct refusal receive_cancel(struct exchange *exchange, const struct order_request *request,
                                     struct order *order)
{
    struct refusal refusal = check_change(exchange, request, order);
    if (refusal.text != NULL)
        return refusal;
    if (orders_add_id(exchange->orders, order, request->cl_ord_id, false) < 0)
        return full;
    exchange->counts[EXCHANGE_CANCELS]++;
    struct decimal left = order_leaves(order);
    trading_take_out(exchange, order);
    order->status = STATUS_CANCELED;
    record_id(exchange, order, request->cl_ord_id, false);
    trading_record_state(exchange, order);
    trading_report(exchange, order, EXEC_CANCELED, request, NULL, request->time, NULL);
    if (exchange->hooks.on_cancel != NULL)
        exchange->hooks.on_cancel(exchange->hooks.context, order, left, request->time);
    return granted;
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
        trading_take_out(exchange, order);
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
    trading_record_state(exchange, order);
    trading_report(exchange, order, EXEC_REPLACED, request, NULL, request->time, NULL);
    if (!done && !keeps_place)
        trading_place(exchange, order, request->time);
}

static struct refusal receive_replace(struct exchange *exchange, const struct order_request *request,
                                      struct order *order)
{
    struct refusal refusal = check_change(exchange, request, order);
    if (refusal.text != NULL)
        return refusal;
    if (request->type != order->type)
        return (struct refusal){CANCEL_REJECT_OTHER, "OrdType cannot be replaced"};
    refusal = check_numbers(&exchange->symbols.items[order->instrument].instrument, request);
    if (refusal.text != NULL)
        return (struct refusal){CANCEL_REJECT_OTHER, refusal.text};
    if (orders_add_id(exchange->orders, order, request->cl_ord_id, true) < 0)
        return full;
    exchange->counts[EXCHANGE_REPLACES]++;
    apply_replace(exchange, order, request);
    return granted;
}

static struct refusal receive_status(struct exchange *exchange, const struct order_request *request,
                                     struct order *order)
{
    exchange->counts[EXCHANGE_STATUS_ANSWERS]++;
    if (order == NULL)
        return unknown_order;
    if (exchange->hooks.on_query != NULL)
        exchange->hooks.on_query(exchange->hooks.context, order);
    trading_report(exchange, order, EXEC_STATUS, request, NULL, request->time, NULL);
    return granted;
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

static void reject(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                   const struct fix_fault *fault)
{
    struct fix_body body;
    fix_build_reject(message, fault, &body);
    trading_send(exchange, session, "3", &body, SINK_KEPT);
}

static void reject_business(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                            int reason, struct fix_text ref_id, const char *text)
{
    struct fix_body body;
    report_business_reject(message, reason, ref_id, text, &body);
    trading_send(exchange, session, "j", &body, SINK_KEPT);
}

static void receive_unsupported(struct exchange *exchange, uint32_t session,
                                const struct fix_message *message)
{
    enum { UNSUPPORTED_MESSAGE_TYPE = 3 };
    struct fix_fault fault = fix_faulty(FIX_REASON_INVALID_MSG_TYPE, FIX_MSG_TYPE);
    if (known_type(message->type))
        reject_business(exchange, session, message, UNSUPPORTED_MESSAGE_TYPE, (struct fix_text){0},
                        "Unsupported message type");
    else
        reject(exchange, session, message, &fault);
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
    report_refusal(request, 0, unknown_order.reason, unknown_order.text, &body);
    trading_send(exchange, request->session, "8", &body, SINK_KEPT);
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
    if (reason >= 0) {
        refuse_by_hook(exchange, request, order, reason);
        return;
    }
    struct refusal refusal = request->message == 'D'   ? receive_new(exchange, request, order)
                             : request->message == 'F' ? receive_cancel(exchange, request, order)
                             : request->message == 'G' ? receive_replace(exchange, request, order)
                                                       : receive_status(exchange, request, order);
    if (refusal.text != NULL)
        refuse(exchange, request, order, refusal);
}

void exchange_receive(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                      struct instant now)
{
    enum { CONDITIONALLY_REQUIRED_FIELD_MISSING = 5 };
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    bool about_orders = type != '\0' && strchr("DFGH", type) != NULL;
    struct order_request request = {0};
    if (!about_orders && type != 'V') {
        receive_unsupported(exchange, session, message);
        return;
    }
    struct fix_fault fault = about_orders ? order_request_parse(message, type, &request)
                                          : market_data_request(exchange->market_data, session, message, now);
    request.session = session;
    request.time = now;
    if (fault.kind == FIX_FAULTY)
        reject(exchange, session, message, &fault);
    else if (fault.kind == FIX_INCOMPLETE)
        reject_business(exchange, session, message, CONDITIONALLY_REQUIRED_FIELD_MISSING, request.cl_ord_id,
                        fault.text);
    else if (about_orders)
        receive_request(exchange, &request);
}

void exchange_forget_session(struct exchange *exchange, uint32_t session)
{
    market_data_forget_session(exchange->market_data, session);
}
