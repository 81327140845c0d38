/* SPDX-License-Identifier: Apache-2.0 */
/* Where the exchange misbehaves on command; see exchange.h and fault.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/core/exchange_state.h"
#include "services/exchange-sim/core/report.h"

void exchange_set_faults(struct exchange *exchange, struct faults *faults)
{
    exchange->faults = faults;
}

struct fault_subject exchange_subject(const struct exchange *exchange, uint32_t session,
                                      const struct order *order, const struct order_request *request)
{
    struct fault_subject subject = {0};
    if (exchange->faults == NULL || faults_count(exchange->faults) == 0)
        return subject;
    subject.session = exchange->sink.client(exchange->sink.context, session);
    if (order == NULL) {
        subject.symbol = request->symbol;
        subject.cl_ord_id = request->cl_ord_id;
        subject.side = request->side;
        return subject;
    }
    const char *symbol = exchange->symbols[order->instrument].instrument.symbol;
    const char *id = orders_id(exchange->orders, order->first_id);
    subject.symbol = (struct fix_text){symbol, strlen(symbol)};
    subject.cl_ord_id = (struct fix_text){id, strlen(id)};
    subject.side = order->side;
    subject.order = order->number;
    return subject;
}

/* Sends and frees what was held. */
static void let_go(struct exchange *exchange, struct held_report *report)
{
    struct fix_body body = {.length = report->length};
    memcpy(body.bytes, report->body, report->length);
    exchange_send(exchange, report->session, report->type, &body);
    free(report);
}

struct holding {
    const struct fault *fault;
    struct instant due;
    bool after_next;
};

static bool hold(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                 const char *type, const struct fix_body *body, struct holding holding)
{
    struct held_report report = {.fault = holding.fault->id,
                                 .session = session,
                                 .order = subject->order,
                                 .due = holding.due,
                                 .after_next = holding.after_next};
    memcpy(report.type, type, strlen(type) + 1);
    return held_add(exchange->held, &report, body) == 0;
}

/* Returns whether the report is taken care of. */
static bool withhold(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                     const char *type, const struct fix_body *body, const struct fault *fault)
{
    switch ((enum fault_until)fault->spec.until) {
    case FAULT_UNTIL_NEVER:
        return true;
    case FAULT_UNTIL_RESEND:
        exchange->sink.keep(exchange->sink.context, session, type, body);
        return true;
    case FAULT_UNTIL_QUERY:
        return hold(exchange, session, subject, type, body,
                    (struct holding){.fault = fault, .due = {INT64_MAX}});
    }
    return false;
}

static struct instant after_ms(struct instant now, uint32_t ms)
{
    return (struct instant){now.us + (int64_t)ms * 1000};
}

/* A field and what is added to it. */
struct change {
    uint32_t tag;
    int64_t add_units;
};

/* The body with some of its decimals changed. */
static void falsify(const struct fix_body *body, const struct change *changes, size_t change_count,
                    struct fix_body *ret_body)
{
    fix_body_clear(ret_body);
    for (const char *at = body->bytes, *end = at + body->length; at < end;) {
        const char *value = (const char *)memchr(at, '=', (size_t)(end - at)) + 1;
        const char *next = memchr(value, FIX_SOH, (size_t)(end - value));
        uint64_t tag = 0;
        struct decimal number;
        (void)fix_value_u64(at, (size_t)(value - 1 - at), &tag);
        size_t i = 0;
        while (i < change_count && changes[i].tag != tag)
            i++;
        if (i < change_count && fix_value_decimal(value, (size_t)(next - value), &number) == 0)
            fix_put_decimal(ret_body, (uint32_t)tag, decimal_from_units(number.units + changes[i].add_units));
        else
            fix_put_text(ret_body, (uint32_t)tag, value, (size_t)(next - value));
        at = next + 1;
    }
}

/* Sends a report that was sent before. */
static void send_again(struct exchange *exchange, uint32_t session, const char *type,
                       const struct fix_body *body, enum fault_as as)
{
    struct fix_body again;
    switch (as) {
    case FAULT_AS_NEW:
        exchange_send(exchange, session, type, body);
        break;
    case FAULT_AS_DUP:
        exchange->sink.repeat(exchange->sink.context, session, type, body);
        break;
    case FAULT_AS_RESEND:
        /* PossResend belongs to the header; the body's first field is the one after the header's last. */
        fix_body_clear(&again);
        fix_put_char(&again, FIX_POSS_RESEND, 'Y');
        if (again.length + body->length <= sizeof(again.bytes)) {
            memcpy(again.bytes + again.length, body->bytes, body->length);
            again.length += body->length;
        }
        exchange_send(exchange, session, type, &again);
        break;
    }
}

/* The quantity that a fault names, or else one lot. */
static struct decimal quantity_of(const struct exchange *exchange, const struct fault *fault, size_t symbol)
{
    return decimal_is_positive(fault->spec.quantity) ? fault->spec.quantity
                                                     : exchange->symbols[symbol].instrument.lot_size;
}

static void repeat(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                   const char *type, const struct fix_body *body)
{
    const struct fault *fault = faults_fire(exchange->faults, FAULT_REPEAT, subject);
    if (fault != NULL)
        send_again(exchange, session, type, body, (enum fault_as)fault->spec.as);
    fault = faults_fire(exchange->faults, FAULT_ALTER, subject);
    if (fault == NULL)
        return;
    struct fix_body other;
    size_t symbol = (size_t)exchange_symbol(exchange, subject->symbol);
    const struct change changes[] = {
        {FIX_LAST_QTY, quantity_of(exchange, fault, symbol).units},
        {FIX_LAST_PX, exchange->symbols[symbol].instrument.tick_size.units},
    };
    falsify(body, changes, ARRAY_LEN(changes), &other);
    send_again(exchange, session, type, &other, (enum fault_as)fault->spec.as);
}

/* A report goes its way, past the faults that hold it back. */
static void tell_now_or_later(struct exchange *exchange, uint32_t session,
                              const struct fault_subject *subject, const char *type,
                              const struct fix_body *body, struct instant now)
{
    const struct fault *fault = faults_fire(exchange->faults, FAULT_WITHHOLD, subject);
    if (fault != NULL && withhold(exchange, session, subject, type, body, fault))
        return;
    fault = faults_fire(exchange->faults, FAULT_DELAY, subject);
    if (fault != NULL && hold(exchange, session, subject, type, body,
                              (struct holding){.fault = fault, .due = after_ms(now, fault->spec.ms)}))
        return;
    exchange_send(exchange, session, type, body);
    repeat(exchange, session, subject, type, body);
}

void exchange_tell(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                   const char *type, const struct fix_body *body, struct instant now)
{
    struct fix_body other;
    const struct fault *fault = NULL;
    if (subject->report == FAULT_STATUS && subject->order != 0)
        fault = faults_fire(exchange->faults, FAULT_WRONG_CUM, subject);
    if (fault != NULL) {
        const struct change change = {
            FIX_CUM_QTY,
            quantity_of(exchange, fault, (size_t)exchange_symbol(exchange, subject->symbol)).units};
        falsify(body, &change, 1, &other);
        body = &other;
    }
    struct held_report *waiting = held_take_after_next(exchange->held, subject->order);
    if (waiting == NULL) {
        fault = faults_fire(exchange->faults, FAULT_REORDER, subject);
        struct holding holding = {.fault = fault, .after_next = true};
        if (fault != NULL)
            holding.due = after_ms(now, fault->spec.ms);
        if (fault != NULL && hold(exchange, session, subject, type, body, holding))
            return;
    }
    tell_now_or_later(exchange, session, subject, type, body, now);
    if (waiting != NULL)
        let_go(exchange, waiting);
}

void exchange_release_queried(struct exchange *exchange, const struct order *order)
{
    struct held_report *report = NULL;
    while ((report = held_take_of_order(exchange->held, order->number)) != NULL)
        let_go(exchange, report);
}

size_t exchange_release_fault(struct exchange *exchange, uint32_t fault)
{
    size_t count = 0;
    struct held_report *report = NULL;
    while ((report = held_take_of_fault(exchange->held, fault)) != NULL) {
        let_go(exchange, report);
        count++;
    }
    /* It may have been what kept the quotes away. */
    for (size_t i = 0; i < exchange->symbol_count; i++)
        exchange->symbols[i].moved = true;
    return count;
}

bool exchange_without_quotes(const struct exchange *exchange, size_t symbol)
{
    const char *name = exchange->symbols[symbol].instrument.symbol;
    struct fault_subject subject = {.symbol = {name, strlen(name)}};
    return faults_lasting(exchange->faults, FAULT_NO_QUOTES, &subject) != NULL;
}

/* Splits a fill into as many pieces as a fault wants and lots allow. */
static void trade_in_pieces(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                            uint32_t pieces, struct instant now)
{
    int64_t lot = exchange->symbols[order->instrument].instrument.lot_size.units;
    int64_t each = fill->quantity.units / pieces / lot * lot, left = fill->quantity.units;
    struct book_fill piece = *fill;
    piece.quantity.units = each < lot ? lot : each;
    for (; pieces > 1 && left > piece.quantity.units; pieces--, left -= piece.quantity.units)
        exchange_trade_once(exchange, order, &piece, now);
    piece.quantity.units = left;
    exchange_trade_once(exchange, order, &piece, now);
}

void exchange_trade(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                    struct instant now)
{
    struct fault_subject subject = exchange_subject(exchange, order->session, order, NULL);
    subject.report = FAULT_FILL;
    const struct fault *fault = faults_fire(exchange->faults, FAULT_PIECES, &subject);
    trade_in_pieces(exchange, order, fill, fault != NULL ? fault->spec.number : 1, now);
    if (order->status != STATUS_FILLED)
        return;
    fault = faults_fire(exchange->faults, FAULT_OVERFILL, &subject);
    if (fault == NULL)
        return;
    struct book_fill more = {.quantity = quantity_of(exchange, fault, order->instrument),
                             .price = fill->price};
    exchange_trade_once(exchange, order, &more, now);
}

void exchange_schedule_late_fill(struct exchange *exchange, const struct order *order, struct decimal rest,
                                 struct instant now)
{
    struct fault_subject subject = exchange_subject(exchange, order->session, order, NULL);
    if (exchange->late_fill_count == EXCHANGE_LATE_FILLS_MAX)
        return;
    const struct fault *fault = faults_fire(exchange->faults, FAULT_LATE_FILL, &subject);
    if (fault == NULL)
        return;
    struct decimal price = exchange_price(exchange, order->instrument);
    exchange->late_fills[exchange->late_fill_count++] = (struct late_fill){
        .order = order->number,
        .quantity = decimal_is_positive(fault->spec.quantity) ? fault->spec.quantity : rest,
        .price = order->type == TYPE_LIMIT ? order->price : price,
        .due = after_ms(now, fault->spec.ms),
    };
}

static void run_late_fills(struct exchange *exchange, struct instant now)
{
    size_t left = 0;
    for (size_t i = 0; i < exchange->late_fill_count; i++) {
        const struct late_fill *late = &exchange->late_fills[i];
        if (late->due.us > now.us) {
            exchange->late_fills[left++] = *late;
            continue;
        }
        struct book_fill fill = {.quantity = late->quantity, .price = late->price};
        exchange_trade(exchange, orders_get(exchange->orders, late->order), &fill, now);
    }
    exchange->late_fill_count = left;
}

void exchange_run_due(struct exchange *exchange, struct instant now)
{
    struct held_report *report = NULL;
    while ((report = held_take_due(exchange->held, now)) != NULL)
        let_go(exchange, report);
    run_late_fills(exchange, now);
}

struct instant exchange_due(const struct exchange *exchange)
{
    struct instant due = held_due(exchange->held);
    for (size_t i = 0; i < exchange->late_fill_count; i++)
        if (exchange->late_fills[i].due.us < due.us)
            due = exchange->late_fills[i].due;
    return due;
}

void exchange_stray(struct exchange *exchange, uint32_t session, const struct fault *fault,
                    struct instant now)
{
    struct fix_body body;
    const struct symbol *symbol = &exchange->symbols[0];
    uint64_t number = ++exchange->last_execution;
    char id[CL_ORD_ID_MAX];
    (void)snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012llx", (unsigned long long)number);
    struct order order = {.number = UINT32_MAX + number,
                          .quantity = quantity_of(exchange, fault, 0),
                          .side = SIDE_BUY,
                          .type = TYPE_MARKET,
                          .time_in_force = TIF_DAY,
                          .status = STATUS_NEW};
    order_fill(&order, order.quantity, exchange_price(exchange, 0));
    const char *name = fault->spec.id[0] != '\0' ? fault->spec.id : id;
    struct report content = {.order = &order,
                             .symbol = symbol->instrument.symbol,
                             .cl_ord_id = {name, strlen(name)},
                             .execution = number,
                             .type = EXEC_TRADE,
                             .last_quantity = order.quantity,
                             .last_price = exchange_price(exchange, 0),
                             .time = now};
    report_order(&content, &body);
    exchange_send(exchange, session, "8", &body);
}
