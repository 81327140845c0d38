/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/exchange_faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/core/report.h"
#include "services/exchange-sim/faults/held.h"

/* A fill that a cancelled order will get. */
struct late_fill {
    uint64_t order;
    struct decimal quantity, price;
    struct instant due;
};

struct exchange_faults {
    struct faults *faults;
    struct exchange *exchange;
    exchange_faults_client *client;
    const void *client_context;
    struct held *held;
    struct late_fill late_fills[EXCHANGE_FAULTS_LATE_MAX];
    size_t late_fill_count;
};

/* What a fault may select by. `order` and `request` may be NULL, not both. */
static struct fault_subject subject_of(const struct exchange_faults *self, uint32_t session,
                                       const struct order *order, const struct order_request *request)
{
    struct fault_subject subject = {.session = self->client(self->client_context, session)};
    if (order == NULL) {
        subject.symbol = request->symbol;
        subject.cl_ord_id = request->cl_ord_id;
        subject.side = request->side;
        return subject;
    }
    subject.symbol = fix_text_of(symbols_name(&self->exchange->symbols, order->instrument));
    subject.cl_ord_id = fix_text_of(orders_id(self->exchange->orders, order->first_id));
    subject.side = order->side;
    subject.order = order->number;
    return subject;
}

static bool on_request(void *context, const struct order_request *request, const struct order *order,
                       int *ret_reason)
{
    struct exchange_faults *self = context;
    const struct fault *fault = NULL;
    if (!faults_armed_at(self->faults, FAULT_AT_REQUEST))
        return true;
    struct fault_subject subject = subject_of(self, request->session, order, request);
    subject.message = fault_message_of((struct fix_text){&request->message, 1});
    enum fault_verdict verdict = faults_judge(self->faults, FAULT_AT_REQUEST, &subject, &fault);
    if (verdict == FAULT_REFUSE_IT)
        *ret_reason = (int)fault->spec.number;
    return verdict != FAULT_IGNORE;
}

/* A report on its way, and whom it concerns. */
struct parcel {
    const struct exchange_news *news;
    const struct fix_body *body; /* that of the news, or a false one */
    struct fault_subject subject;
};

static void send(struct exchange_faults *self, const struct parcel *parcel, const struct fix_body *body,
                 enum sink_way way)
{
    trading_send(self->exchange, parcel->news->session, parcel->news->type, body, way);
}

/* Sends and frees what was held. */
static void let_go(struct exchange_faults *self, struct held_report *report)
{
    struct fix_body body = {.length = report->length};
    memcpy(body.bytes, report->body, report->length);
    trading_send(self->exchange, report->session, report->type, &body, SINK_KEPT);
    free(report);
}

/* Returns whether the report is taken care of. */
static bool hold(struct exchange_faults *self, const struct parcel *parcel, const struct fault *fault,
                 struct instant due, bool after_next)
{
    struct held_report report = {.fault = fault->id,
                                 .session = parcel->news->session,
                                 .order = parcel->subject.order,
                                 .due = due,
                                 .after_next = after_next};
    memcpy(report.type, parcel->news->type, strlen(parcel->news->type) + 1);
    return held_add(self->held, &report, parcel->body) == 0;
}

static bool withhold(struct exchange_faults *self, const struct parcel *parcel, const struct fault *fault)
{
    if (fault->spec.until == FAULT_UNTIL_QUERY)
        return hold(self, parcel, fault, (struct instant){INT64_MAX}, false);
    if (fault->spec.until == FAULT_UNTIL_RESEND)
        send(self, parcel, parcel->body, SINK_UNSENT);
    return true;
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
static void send_again(struct exchange_faults *self, const struct parcel *parcel, const struct fix_body *body,
                       const struct fault *fault)
{
    struct fix_body again;
    if (fault->spec.as != FAULT_AS_RESEND) {
        send(self, parcel, body, fault->spec.as == FAULT_AS_DUP ? SINK_REPEATED : SINK_KEPT);
        return;
    }
    /* PossResend belongs to the header; the body's first field is the one after the header's last. */
    fix_body_clear(&again);
    fix_put_char(&again, FIX_POSS_RESEND, 'Y');
    if (again.length + body->length <= sizeof(again.bytes)) {
        memcpy(again.bytes + again.length, body->bytes, body->length);
        again.length += body->length;
    }
    send(self, parcel, &again, SINK_KEPT);
}

static const struct instrument *instrument_of(const struct exchange_faults *self, size_t symbol)
{
    return &self->exchange->symbols.items[symbol].instrument;
}

/* The quantity that a fault names, or else one lot. */
static struct decimal quantity_of(const struct exchange_faults *self, const struct fault *fault,
                                  size_t symbol)
{
    return decimal_is_positive(fault->spec.quantity) ? fault->spec.quantity
                                                     : instrument_of(self, symbol)->lot_size;
}

static void repeat(struct exchange_faults *self, const struct parcel *parcel)
{
    const struct fault *fault = faults_fire(self->faults, FAULT_REPEAT, &parcel->subject);
    if (fault != NULL)
        send_again(self, parcel, parcel->body, fault);
    fault = faults_fire(self->faults, FAULT_ALTER, &parcel->subject);
    if (fault == NULL)
        return;
    struct fix_body other;
    size_t symbol = parcel->news->order->instrument;
    const struct change changes[] = {
        {FIX_LAST_QTY, quantity_of(self, fault, symbol).units},
        {FIX_LAST_PX, instrument_of(self, symbol)->tick_size.units},
    };
    falsify(parcel->body, changes, ARRAY_LEN(changes), &other);
    send_again(self, parcel, &other, fault);
}

/* A report goes its way, past the faults that hold it back. */
static void send_now_or_later(struct exchange_faults *self, const struct parcel *parcel, struct instant now)
{
    const struct fault *fault = faults_fire(self->faults, FAULT_WITHHOLD, &parcel->subject);
    if (fault != NULL && withhold(self, parcel, fault))
        return;
    fault = faults_fire(self->faults, FAULT_DELAY, &parcel->subject);
    if (fault != NULL && hold(self, parcel, fault, after_ms(now, fault->spec.ms), false))
        return;
    send(self, parcel, parcel->body, SINK_KEPT);
    repeat(self, parcel);
}

static uint32_t report_class(const struct exchange_news *news)
{
    switch (news->exec_type) {
    case '\0': /* an OrderCancelReject */
    case EXEC_REJECTED:
        return FAULT_REFUSAL;
    case EXEC_NEW:
        return FAULT_ACK;
    case EXEC_TRADE:
        return FAULT_FILL;
    case EXEC_STATUS:
        return FAULT_STATUS;
    default:
        return FAULT_DONE;
    }
}

static void on_report(void *context, const struct exchange_news *news, struct instant now)
{
    struct exchange_faults *self = context;
    struct held_report *waiting =
        held_take(self->held, HELD_AFTER_NEXT, news->order != NULL ? news->order->number : 0);
    struct parcel parcel = {.news = news, .body = news->body};
    struct fix_body other;
    const struct fault *fault = NULL;
    if (faults_armed_at(self->faults, FAULT_AT_REPORT)) {
        parcel.subject = subject_of(self, news->session, news->order, news->request);
        parcel.subject.report = report_class(news);
        if (parcel.subject.report == FAULT_STATUS && news->order != NULL)
            fault = faults_fire(self->faults, FAULT_WRONG_CUM, &parcel.subject);
    }
    if (fault != NULL) {
        const struct change change = {FIX_CUM_QTY, quantity_of(self, fault, news->order->instrument).units};
        falsify(news->body, &change, 1, &other);
        parcel.body = &other;
    }
    if (waiting == NULL) {
        fault = faults_fire(self->faults, FAULT_REORDER, &parcel.subject);
        if (fault != NULL && hold(self, &parcel, fault, after_ms(now, fault->spec.ms), true))
            return;
    }
    send_now_or_later(self, &parcel, now);
    if (waiting != NULL)
        let_go(self, waiting);
}

static void on_query(void *context, const struct order *order)
{
    struct exchange_faults *self = context;
    struct held_report *report = NULL;
    while ((report = held_take(self->held, HELD_OF_ORDER, order->number)) != NULL)
        let_go(self, report);
}

size_t exchange_faults_release(struct exchange_faults *self, uint32_t fault)
{
    size_t count = 0;
    struct held_report *report = NULL;
    while ((report = held_take(self->held, HELD_OF_FAULT, fault)) != NULL) {
        let_go(self, report);
        count++;
    }
    /* It may have been what kept the quotes away. */
    exchange_quotes_changed(self->exchange);
    return count;
}

static bool without_quotes(const void *context, size_t symbol)
{
    const struct exchange_faults *self = context;
    struct fault_subject subject = {.symbol = fix_text_of(symbols_name(&self->exchange->symbols, symbol))};
    return faults_fire(self->faults, FAULT_NO_QUOTES, &subject) != NULL;
}

/* Splits a fill into as many pieces as a fault wants and lots allow. */
static void trade_in_pieces(struct exchange_faults *self, struct order *order, const struct book_fill *fill,
                            uint32_t pieces, struct instant now)
{
    int64_t lot = instrument_of(self, order->instrument)->lot_size.units;
    int64_t each = fill->quantity.units / pieces / lot * lot, left = fill->quantity.units;
    struct book_fill piece = *fill;
    piece.quantity.units = each < lot ? lot : each;
    for (; pieces > 1 && left > piece.quantity.units; pieces--, left -= piece.quantity.units)
        trading_execute(self->exchange, order, &piece, now);
    piece.quantity.units = left;
    trading_execute(self->exchange, order, &piece, now);
}

static void on_fill(void *context, struct order *order, const struct book_fill *fill, struct instant now)
{
    struct exchange_faults *self = context;
    if (!faults_armed_at(self->faults, FAULT_AT_FILL)) {
        trading_execute(self->exchange, order, fill, now);
        return;
    }
    struct fault_subject subject = subject_of(self, order->session, order, NULL);
    subject.report = FAULT_FILL;
    const struct fault *fault = faults_fire(self->faults, FAULT_PIECES, &subject);
    trade_in_pieces(self, order, fill, fault != NULL ? fault->spec.number : 1, now);
    if (order->status != STATUS_FILLED)
        return;
    fault = faults_fire(self->faults, FAULT_OVERFILL, &subject);
    if (fault == NULL)
        return;
    struct book_fill more = {.quantity = quantity_of(self, fault, order->instrument), .price = fill->price};
    trading_execute(self->exchange, order, &more, now);
}

/* The rest of a cancelled order may be filled after all. */
static void on_cancel(void *context, const struct order *order, struct decimal rest, struct instant now)
{
    struct exchange_faults *self = context;
    if (!faults_armed_at(self->faults, FAULT_AT_CANCEL) || self->late_fill_count == EXCHANGE_FAULTS_LATE_MAX)
        return;
    struct fault_subject subject = subject_of(self, order->session, order, NULL);
    const struct fault *fault = faults_fire(self->faults, FAULT_LATE_FILL, &subject);
    if (fault == NULL)
        return;
    self->late_fills[self->late_fill_count++] = (struct late_fill){
        .order = order->number,
        .quantity = decimal_is_positive(fault->spec.quantity) ? fault->spec.quantity : rest,
        .price = order->type == TYPE_LIMIT ? order->price
                                           : symbols_price(&self->exchange->symbols, order->instrument),
        .due = after_ms(now, fault->spec.ms),
    };
}

static void run_late_fills(struct exchange_faults *self, struct instant now)
{
    size_t left = 0;
    for (size_t i = 0; i < self->late_fill_count; i++) {
        const struct late_fill *late = &self->late_fills[i];
        if (late->due.us > now.us) {
            self->late_fills[left++] = *late;
            continue;
        }
        struct book_fill fill = {.quantity = late->quantity, .price = late->price};
        on_fill(self, orders_get(self->exchange->orders, late->order), &fill, now);
    }
    self->late_fill_count = left;
}

void exchange_faults_run_due(struct exchange_faults *self, struct instant now)
{
    struct held_report *report = NULL;
    while ((report = held_take(self->held, HELD_DUE, (uint64_t)now.us)) != NULL)
        let_go(self, report);
    run_late_fills(self, now);
}

struct instant exchange_faults_due(const struct exchange_faults *self)
{
    struct instant due = held_due(self->held);
    for (size_t i = 0; i < self->late_fill_count; i++)
        if (self->late_fills[i].due.us < due.us)
            due = self->late_fills[i].due;
    return due;
}

void exchange_faults_stray(struct exchange_faults *self, uint32_t session, const struct fault *fault,
                           struct instant now)
{
    struct fix_body body;
    const struct symbols *symbols = &self->exchange->symbols;
    uint64_t number = trading_next_execution(self->exchange);
    char id[CL_ORD_ID_MAX];
    (void)snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012llx", (unsigned long long)number);
    struct order order = {.number = UINT32_MAX + number,
                          .quantity = quantity_of(self, fault, 0),
                          .side = SIDE_BUY,
                          .type = TYPE_MARKET,
                          .time_in_force = TIF_DAY,
                          .status = STATUS_NEW};
    struct book_fill fill = {.quantity = order.quantity, .price = symbols_price(symbols, 0)};
    order_fill(&order, fill.quantity, fill.price);
    struct report content = {.order = &order,
                             .symbol = fix_text_of(symbols_name(symbols, 0)),
                             .cl_ord_id = fix_text_of(fault->spec.id[0] != '\0' ? fault->spec.id : id),
                             .execution = number,
                             .type = EXEC_TRADE,
                             .fill = &fill,
                             .time = now};
    report_order(&content, &body);
    trading_send(self->exchange, session, "8", &body, SINK_KEPT);
}

int exchange_faults_create(struct faults *faults, struct exchange *exchange, exchange_faults_client *client,
                           const void *context, struct exchange_faults **ret_exchange_faults)
{
    struct exchange_faults *self = calloc(1, sizeof(*self));
    if (self == NULL || held_create(&self->held) < 0) {
        free(self);
        return -ENOMEM;
    }
    self->faults = faults;
    self->exchange = exchange;
    self->client = client;
    self->client_context = context;
    exchange_set_hooks(exchange, &(struct exchange_hooks){.context = self,
                                                          .on_request = on_request,
                                                          .on_report = on_report,
                                                          .on_fill = on_fill,
                                                          .on_cancel = on_cancel,
                                                          .on_query = on_query,
                                                          .without_quotes = without_quotes});
    *ret_exchange_faults = self;
    return 0;
}

void exchange_faults_destroy(struct exchange_faults **exchange_faults)
{
    if (*exchange_faults == NULL)
        return;
    held_destroy(&(*exchange_faults)->held);
    free(*exchange_faults);
    *exchange_faults = NULL;
}
