/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/venue_fix_map.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/fix/fix_text.h"

/* The fields that OXE reads, as they stood in the message. */
struct report {
    struct fix_frame_span cl_ord_id, orig_cl_ord_id, order_id, exec_id, ref_exec_id;
    struct fix_frame_span exec_type, ord_status, reject_reason, cancel_reject_reason, text, symbol;
    struct fix_frame_span last_quantity, last_price, cum_quantity, order_quantity, transact_time;
    struct fix_frame_span cancel_reject_response;
    struct fix_frame_span refused_type, refused_id;
};

static struct fix_frame_span *report_field(struct report *report, int tag)
{
    switch (tag) {
    case 11:
        return &report->cl_ord_id;
    case 41:
        return &report->orig_cl_ord_id;
    case 37:
        return &report->order_id;
    case 17:
        return &report->exec_id;
    case 19:
        return &report->ref_exec_id;
    case 150:
        return &report->exec_type;
    case 39:
        return &report->ord_status;
    case 103:
        return &report->reject_reason;
    case 102:
        return &report->cancel_reject_reason;
    case 58:
        return &report->text;
    case 55:
        return &report->symbol;
    case 32:
        return &report->last_quantity;
    case 31:
        return &report->last_price;
    case 14:
        return &report->cum_quantity;
    case 38:
        return &report->order_quantity;
    case 434:
        return &report->cancel_reject_response;
    case 60:
        return &report->transact_time;
    case 372:
        return &report->refused_type;
    case 379:
        return &report->refused_id;
    default:
        return NULL;
    }
}

/* The first occurrence counts: later ones stand inside repeating groups. */
static struct report read_report(const char *bytes, size_t length)
{
    struct report report = {.text = {NULL, 0}};
    struct fix_frame_field field;
    const char *cursor = bytes;

    while (fix_frame_next(&cursor, bytes + length, &field)) {
        struct fix_frame_span *place = report_field(&report, field.tag);

        if (place && !place->text)
            *place = field.value;
    }
    return report;
}

static void unexpected(struct venue_event *event, const char *what, struct fix_frame_span value)
{
    char shown[48];

    fix_text_copy(value, shown, sizeof shown);
    event->type = VENUE_UNEXPECTED;
    (void)snprintf(event->text, sizeof event->text, "%s%s%s", what, shown[0] ? ": " : "", shown);
}

/* Identifiers are taken whole or not at all: a cut one could be taken for another. */
static bool take_identifier(struct fix_frame_span span, char *buffer, size_t size)
{
    if (span.length >= size)
        return false;
    for (size_t i = 0; i < span.length; i++)
        if (span.text[i] < ' ' || span.text[i] > '~')
            return false;
    memcpy(buffer, span.text ? span.text : "", span.length);
    buffer[span.length] = '\0';
    return true;
}

/* The answer to a cancel or replace carries the request's id in 11 and the order's in 41. */
static void take_order_id(struct venue_event *event, const struct report *report)
{
    struct fix_frame_span span = report->orig_cl_ord_id.text ? report->orig_cl_ord_id : report->cl_ord_id;

    event->known = span.text && uuid_parse(span.text, span.length, &event->order_id) == 0;
    if (!event->known && report->cl_ord_id.text)
        event->known = uuid_parse(report->cl_ord_id.text, report->cl_ord_id.length, &event->order_id) == 0;
}

static bool status_at_venue(struct fix_frame_span span, struct decimal cum_quantity,
                            enum order_status *ret_status)
{
    if (span.length != 1)
        return false;
    switch (span.text[0]) {
    case '0': /* new */
    case '3': /* done for day: a GTC order goes on tomorrow */
    case '5': /* replaced */
    case '6': /* pending cancel */
    case '7': /* stopped */
    case '9': /* suspended */
    case 'A': /* pending new */
    case 'D': /* accepted for bidding */
    case 'E': /* pending replace */
        *ret_status = decimal_is_positive(cum_quantity) ? ORDER_STATUS_PARTIAL : ORDER_STATUS_PENDING;
        return true;
    case '1':
        *ret_status = ORDER_STATUS_PARTIAL;
        return true;
    case '2':
        *ret_status = ORDER_STATUS_FILLED;
        return true;
    case '4':
        *ret_status = ORDER_STATUS_CANCELLED;
        return true;
    case '8':
        *ret_status = ORDER_STATUS_REJECTED;
        return true;
    case 'C':
        *ret_status = ORDER_STATUS_EXPIRED;
        return true;
    default:
        return false;
    }
}

static void map_fill(struct venue_event *event, const struct report *report)
{
    event->type = VENUE_FILL;
    if (event->exec_id[0] == '\0')
        unexpected(event, "execution without ExecID(17)", report->exec_id);
    else if (fix_text_decimal(report->last_quantity, &event->last_quantity) < 0 ||
             !decimal_is_positive(event->last_quantity))
        unexpected(event, "execution with bad LastQty(32)", report->last_quantity);
    else if (fix_text_decimal(report->last_price, &event->last_price) < 0)
        unexpected(event, "execution with bad LastPx(31)", report->last_price);
}

/* A trade cancel or correct. What it says of the execution is kept as far as it can be read; the whole
 * message is kept in any case. */
static void map_trade_changed(struct venue_event *event, const struct report *report)
{
    event->type = VENUE_TRADE_CHANGED;
    (void)snprintf(event->text, sizeof event->text, "trade %s",
                   fix_frame_is(report->exec_type, "H") ? "cancel" : "correct");
    (void)fix_text_decimal(report->last_quantity, &event->last_quantity);
    (void)fix_text_decimal(report->last_price, &event->last_price);
    if (!take_identifier(report->ref_exec_id, event->ref_exec_id, sizeof event->ref_exec_id))
        event->ref_exec_id[0] = '\0';
}

static void map_status(struct venue_event *event, const struct report *report)
{
    event->type = VENUE_STATUS;
    if (!status_at_venue(report->ord_status, event->cum_quantity, &event->venue_status))
        unexpected(event, "status answer with bad OrdStatus(39)", report->ord_status);
    else if (fix_frame_is(report->ord_status, "8") && fix_frame_is(report->reject_reason, "5"))
        event->type = VENUE_UNKNOWN_ORDER;
    else if (!report->cum_quantity.text)
        unexpected(event, "status answer without CumQty(14)", report->cum_quantity);
}

static void map_rejection(struct venue_event *event, const struct report *report)
{
    if (fix_frame_is(report->reject_reason, "6"))
        event->type = VENUE_DUPLICATE;
    else if (fix_frame_is(report->reject_reason, "5"))
        event->type = VENUE_UNKNOWN_ORDER;
    else
        event->type = VENUE_REJECTED;
}

static void map_exec_type(struct venue_event *event, const struct report *report)
{
    switch (event->exec_type) {
    case '0':
        event->type = VENUE_ACKNOWLEDGED;
        break;
    case '1': /* before FIX 4.3; some venues still say it */
    case '2':
    case 'F':
        map_fill(event, report);
        break;
    case '4':
        event->type = VENUE_CANCELLED;
        break;
    case '5':
        event->type = VENUE_REPLACED;
        break;
    case '8':
        map_rejection(event, report);
        break;
    case 'C':
        event->type = VENUE_EXPIRED;
        break;
    case 'G':
    case 'H':
        map_trade_changed(event, report);
        break;
    case 'I':
        map_status(event, report);
        break;
    case '6':
    case 'A':
    case 'E':
        event->type = VENUE_PENDING;
        break;
    default:
        unexpected(event, "ExecType(150) not understood", report->exec_type);
    }
}

static bool is_amount(struct fix_frame_span span)
{
    struct decimal value = decimal_zero();

    return span.text && (fix_text_decimal(span, &value) < 0 || !decimal_is_zero(value));
}

/* Tells of an execution, or restates the order. */
static bool has_money(const struct report *report)
{
    return is_amount(report->last_quantity) || is_amount(report->last_price) ||
           fix_frame_is(report->exec_type, "D") || fix_frame_is(report->exec_type, "G") ||
           fix_frame_is(report->exec_type, "H");
}

static void map_execution_report(struct venue_event *event, const struct report *report)
{
    take_order_id(event, report);
    fix_text_copy(report->text, event->text, sizeof event->text);
    if (report->exec_type.length == 1 && report->exec_type.text[0] > ' ' && report->exec_type.text[0] <= '~')
        event->exec_type = report->exec_type.text[0];
    event->has_money = has_money(report);
    event->of_order = report->ord_status.text && !fix_frame_is(report->ord_status, "8");
    if (!take_identifier(report->exec_id, event->exec_id, sizeof event->exec_id)) {
        unexpected(event, "ExecID(17) cannot be stored", report->exec_id);
        return;
    }
    if (report->cum_quantity.text && (fix_text_decimal(report->cum_quantity, &event->cum_quantity) < 0 ||
                                      decimal_is_negative(event->cum_quantity))) {
        unexpected(event, "bad CumQty(14)", report->cum_quantity);
        return;
    }
    if (fix_text_decimal(report->order_quantity, &event->order_quantity) < 0 ||
        decimal_is_negative(event->order_quantity))
        event->order_quantity = decimal_zero();
    (void)status_at_venue(report->ord_status, event->cum_quantity, &event->venue_status);
    map_exec_type(event, report);
}

static void map_cancel_reject(struct venue_event *event, const struct report *report)
{
    take_order_id(event, report);
    event->type = VENUE_CANCEL_REJECTED;
    event->of_replace = fix_frame_is(report->cancel_reject_response, "2");
    event->not_known = fix_frame_is(report->cancel_reject_reason, "1");
    (void)status_at_venue(report->ord_status, decimal_zero(), &event->venue_status);
    fix_text_copy(report->text, event->text, sizeof event->text);
    if (event->text[0] == '\0') {
        char reason[16];

        fix_text_copy(report->cancel_reject_reason, reason, sizeof reason);
        (void)snprintf(event->text, sizeof event->text, "CxlRejReason %s", reason);
    }
}

/* A new process has no memory of what its predecessor sent; a business reject may name the order itself. */
static struct venue_fix_reference reference_in(const struct report *report)
{
    struct venue_fix_reference reference = {.request = VENUE_FIX_NONE};

    if (fix_frame_is(report->refused_type, "D") && report->refused_id.text &&
        uuid_parse(report->refused_id.text, report->refused_id.length, &reference.order_id) == 0)
        reference.request = VENUE_FIX_SUBMIT;
    return reference;
}

static void map_refusal(struct venue_event *event, const struct report *report,
                        const struct venue_fix_reference *reference)
{
    struct venue_fix_reference named = reference_in(report);

    if (reference->request == VENUE_FIX_NONE)
        reference = &named;
    fix_text_copy(report->text, event->text, sizeof event->text);
    event->order_id = reference->order_id;
    event->known = reference->request != VENUE_FIX_NONE;
    switch (reference->request) {
    case VENUE_FIX_SUBMIT:
        event->type = VENUE_REJECTED;
        return;
    case VENUE_FIX_CANCEL:
    case VENUE_FIX_REPLACE:
        event->type = VENUE_CANCEL_REJECTED;
        event->of_replace = reference->request == VENUE_FIX_REPLACE;
        return;
    case VENUE_FIX_QUERY: /* not an answer: the exchange may well have the order */
        unexpected(event, "status request refused", report->text);
        return;
    case VENUE_FIX_NONE:
        break;
    }
    unexpected(event, "refusal of a message that is no order's", report->text);
}

/* One entry of a snapshot(W) or an incremental refresh(X). */
struct price_entry {
    struct fix_frame_span type, symbol, price, action;
};

static int emit_price(struct venue_event *event, const struct price_entry *entry, venue_event_handler *emit,
                      void *context)
{
    if (!fix_frame_is(entry->type, "2") || fix_frame_is(entry->action, "2"))
        return 0; /* no trade, or a deletion */
    event->type = VENUE_PRICE;
    event->text[0] = '\0';
    event->last_price = decimal_zero();
    if (entry->symbol.length == 0 || !take_identifier(entry->symbol, event->symbol, sizeof event->symbol))
        unexpected(event, "price with bad Symbol(55)", entry->symbol);
    else if (fix_text_decimal(entry->price, &event->last_price) < 0 ||
             !decimal_is_positive(event->last_price))
        unexpected(event, "price with bad MDEntryPx(270)", entry->price);
    emit(context, event);
    return 1;
}

/* The first tag behind NoMDEntries(268) begins each entry. */
static int map_prices(struct venue_event *event, const char *bytes, size_t length, venue_event_handler *emit,
                      void *context)
{
    struct price_entry entry = {.type = {NULL, 0}};
    struct fix_frame_span symbol = {NULL, 0};
    struct fix_frame_field field;
    const char *cursor = bytes;
    int delimiter = 0, emitted = 0;
    bool in_group = false;

    while (fix_frame_next(&cursor, bytes + length, &field) && field.tag != 10) {
        if (field.tag == 268) {
            in_group = true;
            continue;
        }
        if (in_group && delimiter == 0)
            delimiter = field.tag;
        if (in_group && field.tag == delimiter) {
            emitted += emit_price(event, &entry, emit, context);
            entry = (struct price_entry){.symbol = symbol};
        }
        if (field.tag == 55 && in_group)
            entry.symbol = field.value;
        if (field.tag == 55)
            symbol = field.value;
        else if (field.tag == 269)
            entry.type = field.value;
        else if (field.tag == 270)
            entry.price = field.value;
        else if (field.tag == 279)
            entry.action = field.value;
    }
    return emitted + emit_price(event, &entry, emit, context);
}

/* The messages that are about orders. */
static void map_order_message(struct venue_event *event, const struct fix_frame_header *header,
                              const struct report *report, const struct venue_fix_reference *reference)
{
    if (strcmp(header->type, "8") == 0)
        map_execution_report(event, report);
    else if (strcmp(header->type, "9") == 0)
        map_cancel_reject(event, report);
    else if (strcmp(header->type, "3") == 0 || strcmp(header->type, "j") == 0)
        map_refusal(event, report, reference);
    else if (strcmp(header->type, "Y") == 0)
        unexpected(event, "market data refused", report->text);
    else
        unexpected(event, "MsgType(35) not understood",
                   (struct fix_frame_span){header->type, strlen(header->type)});
}

int venue_fix_map(int lane, const char *bytes, size_t length, const struct venue_fix_reference *reference,
                  struct instant received, venue_event_handler *emit, void *context)
{
    struct report report = read_report(bytes, length);
    struct fix_frame_header header;
    struct venue_event event = {.lane = lane, .transact_time = received};
    int r = fix_frame_read_header(bytes, length, &header);

    assert(r == 0);
    event.in_seq = header.seq;
    event.possible_duplicate = header.possible_duplicate || header.possible_resend;
    (void)fix_text_time(report.transact_time, &event.transact_time);
    if (strcmp(header.type, "W") == 0 || strcmp(header.type, "X") == 0)
        return map_prices(&event, bytes, length, emit, context);
    /* NONE: what FIX wants in an answer about an order that the exchange does not know. */
    if (!take_identifier(report.order_id, event.venue_order_id, sizeof event.venue_order_id) ||
        strcmp(event.venue_order_id, "NONE") == 0)
        event.venue_order_id[0] = '\0';
    if (report.symbol.text && !take_identifier(report.symbol, event.symbol, sizeof event.symbol))
        event.symbol[0] = '\0';
    fix_text_copy(report.cl_ord_id, event.cl_ord_id, sizeof event.cl_ord_id);
    event.message = bytes;
    event.message_length = length;
    map_order_message(&event, &header, &report, reference);
    emit(context, &event);
    return 1;
}
