/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/venue_fix_map.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/fix/fix_text.h"

/* The value of a field that is one character; else NUL. */
static char code(const struct fix_frame_message *report, enum fix_tag tag)
{
    return fix_frame_code(report->field[tag]);
}

/* A number below ten, as its character. */
static char digit(enum fix_value number)
{
    return (char)('0' + number);
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

static bool take_uuid(struct fix_frame_span span, struct uuid *ret_id)
{
    return span.text && uuid_parse(span.text, span.length, ret_id) == 0;
}

/* The answer to a cancel or replace carries the request's id in 11 and the order's in 41. */
static void take_order_id(struct venue_event *event, const struct fix_frame_message *report)
{
    event->known = take_uuid(report->field[FIX_ORIG_CL_ORD_ID], &event->order_id) ||
                   take_uuid(report->field[FIX_CL_ORD_ID], &event->order_id);
}

/* PENDING: it is worked there, or will be. */
static bool status_at_venue(struct fix_frame_span span, struct decimal cum_quantity,
                            enum order_status *ret_status)
{
    static const enum order_status statuses[] = {
        [FIX_STATUS_NEW] = ORDER_STATUS_PENDING,
        [FIX_STATUS_PARTIAL] = ORDER_STATUS_PARTIAL,
        [FIX_STATUS_FILLED] = ORDER_STATUS_FILLED,
        [FIX_STATUS_DONE_FOR_DAY] = ORDER_STATUS_PENDING, /* a GTC order goes on tomorrow */
        [FIX_STATUS_CANCELED] = ORDER_STATUS_CANCELLED,
        [FIX_STATUS_REPLACED] = ORDER_STATUS_PENDING,
        [FIX_STATUS_PENDING_CANCEL] = ORDER_STATUS_PENDING,
        [FIX_STATUS_STOPPED] = ORDER_STATUS_PENDING,
        [FIX_STATUS_REJECTED] = ORDER_STATUS_REJECTED,
        [FIX_STATUS_SUSPENDED] = ORDER_STATUS_PENDING,
        [FIX_STATUS_PENDING_NEW] = ORDER_STATUS_PENDING,
        [FIX_STATUS_EXPIRED] = ORDER_STATUS_EXPIRED,
        [FIX_STATUS_ACCEPTED_FOR_BIDDING] = ORDER_STATUS_PENDING,
        [FIX_STATUS_PENDING_REPLACE] = ORDER_STATUS_PENDING,
    };
    const unsigned char status = (unsigned char)fix_frame_code(span);

    if (status >= ARRAY_LEN(statuses) || statuses[status] == 0)
        return false;
    *ret_status = statuses[status] == ORDER_STATUS_PENDING && decimal_is_positive(cum_quantity)
                      ? ORDER_STATUS_PARTIAL
                      : statuses[status];
    return true;
}

static void map_fill(struct venue_event *event, const struct fix_frame_message *report)
{
    if (event->exec_id[0] == '\0')
        unexpected(event, "execution without ExecID(17)", report->field[FIX_EXEC_ID]);
    else if (fix_text_decimal(report->field[FIX_LAST_QTY], &event->last_quantity) < 0 ||
             !decimal_is_positive(event->last_quantity))
        unexpected(event, "execution with bad LastQty(32)", report->field[FIX_LAST_QTY]);
    else if (fix_text_decimal(report->field[FIX_LAST_PX], &event->last_price) < 0)
        unexpected(event, "execution with bad LastPx(31)", report->field[FIX_LAST_PX]);
}

/* A trade cancel or correct. What it says of the execution is kept as far as it can be read; the whole
 * message is kept in any case. */
static void map_trade_changed(struct venue_event *event, const struct fix_frame_message *report)
{
    (void)snprintf(event->text, sizeof event->text, "trade %s",
                   event->exec_type == FIX_EXEC_TRADE_CANCEL ? "cancel" : "correct");
    (void)fix_text_decimal(report->field[FIX_LAST_QTY], &event->last_quantity);
    (void)fix_text_decimal(report->field[FIX_LAST_PX], &event->last_price);
    if (!take_identifier(report->field[FIX_EXEC_REF_ID], event->ref_exec_id, sizeof event->ref_exec_id))
        event->ref_exec_id[0] = '\0';
}

static void map_status(struct venue_event *event, const struct fix_frame_message *report)
{
    if (!status_at_venue(report->field[FIX_ORD_STATUS], event->cum_quantity, &event->venue_status))
        unexpected(event, "status answer with bad OrdStatus(39)", report->field[FIX_ORD_STATUS]);
    else if (code(report, FIX_ORD_STATUS) == FIX_STATUS_REJECTED &&
             code(report, FIX_ORD_REJ_REASON) == digit(FIX_ORD_REJECT_UNKNOWN_ORDER))
        event->type = VENUE_UNKNOWN_ORDER;
    else if (!report->field[FIX_CUM_QTY].text)
        unexpected(event, "status answer without CumQty(14)", report->field[FIX_CUM_QTY]);
}

static void map_rejection(struct venue_event *event, const struct fix_frame_message *report)
{
    const char reason = code(report, FIX_ORD_REJ_REASON);

    if (reason == digit(FIX_ORD_REJECT_DUPLICATE))
        event->type = VENUE_DUPLICATE;
    else if (reason == digit(FIX_ORD_REJECT_UNKNOWN_ORDER))
        event->type = VENUE_UNKNOWN_ORDER;
}

static void map_exec_type(struct venue_event *event, const struct fix_frame_message *report)
{
    static const enum venue_event_type types[] = {
        [FIX_EXEC_NEW] = VENUE_ACKNOWLEDGED,
        [FIX_EXEC_PARTIAL_FILL] = VENUE_FILL,
        [FIX_EXEC_FILL] = VENUE_FILL,
        [FIX_EXEC_CANCELED] = VENUE_CANCELLED,
        [FIX_EXEC_REPLACED] = VENUE_REPLACED,
        [FIX_EXEC_PENDING_CANCEL] = VENUE_PENDING,
        [FIX_EXEC_REJECTED] = VENUE_REJECTED,
        [FIX_EXEC_PENDING_NEW] = VENUE_PENDING,
        [FIX_EXEC_EXPIRED] = VENUE_EXPIRED,
        [FIX_EXEC_PENDING_REPLACE] = VENUE_PENDING,
        [FIX_EXEC_TRADE] = VENUE_FILL,
        [FIX_EXEC_TRADE_CORRECT] = VENUE_TRADE_CHANGED,
        [FIX_EXEC_TRADE_CANCEL] = VENUE_TRADE_CHANGED,
        [FIX_EXEC_STATUS] = VENUE_STATUS,
    };
    const unsigned char exec_type = (unsigned char)event->exec_type;

    event->type = exec_type < ARRAY_LEN(types) ? types[exec_type] : 0;
    if (event->type == VENUE_FILL)
        map_fill(event, report);
    else if (event->type == VENUE_REJECTED)
        map_rejection(event, report);
    else if (event->type == VENUE_TRADE_CHANGED)
        map_trade_changed(event, report);
    else if (event->type == VENUE_STATUS)
        map_status(event, report);
    else if (event->type == 0)
        unexpected(event, "ExecType(150) not understood", report->field[FIX_EXEC_TYPE]);
}

static bool is_amount(struct fix_frame_span span)
{
    struct decimal value = decimal_zero();

    return span.text && (fix_text_decimal(span, &value) < 0 || !decimal_is_zero(value));
}

/* Tells of an execution, or restates the order. */
static bool has_money(const struct fix_frame_message *report, char exec_type)
{
    return is_amount(report->field[FIX_LAST_QTY]) || is_amount(report->field[FIX_LAST_PX]) ||
           exec_type == FIX_EXEC_RESTATED || exec_type == FIX_EXEC_TRADE_CORRECT ||
           exec_type == FIX_EXEC_TRADE_CANCEL;
}

static void map_execution_report(struct venue_event *event, const struct fix_frame_message *report)
{
    take_order_id(event, report);
    fix_text_copy(report->field[FIX_TEXT], event->text, sizeof event->text);
    event->exec_type = code(report, FIX_EXEC_TYPE);
    if (event->exec_type <= ' ' || event->exec_type > '~')
        event->exec_type = '\0';
    event->has_money = has_money(report, event->exec_type);
    event->of_order =
        report->field[FIX_ORD_STATUS].text && code(report, FIX_ORD_STATUS) != FIX_STATUS_REJECTED;
    if (!take_identifier(report->field[FIX_EXEC_ID], event->exec_id, sizeof event->exec_id)) {
        unexpected(event, "ExecID(17) cannot be stored", report->field[FIX_EXEC_ID]);
        return;
    }
    if (report->field[FIX_CUM_QTY].text &&
        (fix_text_decimal(report->field[FIX_CUM_QTY], &event->cum_quantity) < 0 ||
         decimal_is_negative(event->cum_quantity))) {
        unexpected(event, "bad CumQty(14)", report->field[FIX_CUM_QTY]);
        return;
    }
    if (fix_text_decimal(report->field[FIX_ORDER_QTY], &event->order_quantity) < 0 ||
        decimal_is_negative(event->order_quantity))
        event->order_quantity = decimal_zero();
    (void)status_at_venue(report->field[FIX_ORD_STATUS], event->cum_quantity, &event->venue_status);
    map_exec_type(event, report);
}

static void map_cancel_reject(struct venue_event *event, const struct fix_frame_message *report)
{
    take_order_id(event, report);
    event->type = VENUE_CANCEL_REJECTED;
    event->of_replace = code(report, FIX_CXL_REJ_RESPONSE_TO) == FIX_RESPONSE_TO_REPLACE;
    event->not_known = code(report, FIX_CXL_REJ_REASON) == digit(FIX_CANCEL_REJECT_UNKNOWN_ORDER);
    (void)status_at_venue(report->field[FIX_ORD_STATUS], decimal_zero(), &event->venue_status);
    fix_text_copy(report->field[FIX_TEXT], event->text, sizeof event->text);
    if (event->text[0] == '\0') {
        char reason[16];

        fix_text_copy(report->field[FIX_CXL_REJ_REASON], reason, sizeof reason);
        (void)snprintf(event->text, sizeof event->text, "CxlRejReason %s", reason);
    }
}

/* A new process has no memory of what its predecessor sent; a business reject may name the order itself. */
static struct venue_fix_reference reference_in(const struct fix_frame_message *report)
{
    struct venue_fix_reference reference = {.request = VENUE_FIX_NONE};

    if (code(report, FIX_REF_MSG_TYPE) == FIX_MSG_NEW_ORDER_SINGLE &&
        take_uuid(report->field[FIX_BUSINESS_REJECT_REF_ID], &reference.order_id))
        reference.request = VENUE_FIX_SUBMIT;
    return reference;
}

static void map_refusal(struct venue_event *event, const struct fix_frame_message *report,
                        const struct venue_fix_reference *reference)
{
    struct venue_fix_reference named = reference_in(report);

    if (reference->request == VENUE_FIX_NONE)
        reference = &named;
    fix_text_copy(report->field[FIX_TEXT], event->text, sizeof event->text);
    event->order_id = reference->order_id;
    event->known = reference->request != VENUE_FIX_NONE;
    if (reference->request == VENUE_FIX_SUBMIT) {
        event->type = VENUE_REJECTED;
    } else if (reference->request == VENUE_FIX_CANCEL || reference->request == VENUE_FIX_REPLACE) {
        event->type = VENUE_CANCEL_REJECTED;
        event->of_replace = reference->request == VENUE_FIX_REPLACE;
    } else { /* no answer to a question either: the exchange may well have the order */
        unexpected(event,
                   reference->request == VENUE_FIX_QUERY ? "status request refused"
                                                         : "refusal of a message that is no order's",
                   report->field[FIX_TEXT]);
    }
}

/* One entry of a snapshot(W) or an incremental refresh(X). */
struct price_entry {
    struct fix_frame_span type, symbol, price, action;
};

static int emit_price(struct venue_event *event, const struct price_entry *entry, venue_event_handler *emit,
                      void *context)
{
    if (fix_frame_code(entry->type) != FIX_ENTRY_TRADE || fix_frame_code(entry->action) == FIX_ACTION_DELETE)
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
static int map_prices(struct venue_event *event, const struct fix_frame_message *report,
                      venue_event_handler *emit, void *context)
{
    struct price_entry entry = {.type = {NULL, 0}};
    struct fix_frame_span symbol = {NULL, 0};
    struct fix_frame_field field;
    const char *cursor = report->bytes, *end = cursor + report->length;
    int delimiter = 0, emitted = 0;
    bool in_group = false;

    while (fix_frame_next(&cursor, end, &field) && field.tag != FIX_CHECK_SUM) {
        if (field.tag == FIX_NO_MD_ENTRIES) {
            in_group = true;
            continue;
        }
        if (in_group && delimiter == 0)
            delimiter = field.tag;
        if (in_group && field.tag == delimiter) {
            emitted += emit_price(event, &entry, emit, context);
            entry = (struct price_entry){.symbol = symbol};
        }
        if (field.tag == FIX_SYMBOL && in_group)
            entry.symbol = field.value;
        if (field.tag == FIX_SYMBOL)
            symbol = field.value;
        else if (field.tag == FIX_MD_ENTRY_TYPE)
            entry.type = field.value;
        else if (field.tag == FIX_MD_ENTRY_PX)
            entry.price = field.value;
        else if (field.tag == FIX_MD_UPDATE_ACTION)
            entry.action = field.value;
    }
    return emitted + emit_price(event, &entry, emit, context);
}

/* The messages that are about orders. */
static void map_order_message(struct venue_event *event, const struct fix_frame_message *report,
                              const struct venue_fix_reference *reference)
{
    switch (report->code) {
    case FIX_MSG_EXECUTION_REPORT:
        map_execution_report(event, report);
        break;
    case FIX_MSG_ORDER_CANCEL_REJECT:
        map_cancel_reject(event, report);
        break;
    case FIX_MSG_REJECT:
    case FIX_MSG_BUSINESS_MESSAGE_REJECT:
        map_refusal(event, report, reference);
        break;
    case FIX_MSG_MARKET_DATA_REQUEST_REJECT:
        unexpected(event, "market data refused", report->field[FIX_TEXT]);
        break;
    default:
        unexpected(event, "MsgType(35) not understood", report->field[FIX_MSG_TYPE]);
    }
}

int venue_fix_map(int lane, const struct fix_frame_message *report,
                  const struct venue_fix_reference *reference, struct instant received,
                  venue_event_handler *emit, void *context)
{
    struct venue_event event = {.lane = lane, .in_seq = report->seq, .transact_time = received};

    event.possible_duplicate =
        fix_frame_flag(report, FIX_POSS_DUP_FLAG) || fix_frame_flag(report, FIX_POSS_RESEND);
    (void)fix_text_time(report->field[FIX_TRANSACT_TIME], &event.transact_time);
    if (report->code == FIX_MSG_MARKET_DATA_SNAPSHOT || report->code == FIX_MSG_MARKET_DATA_REFRESH)
        return map_prices(&event, report, emit, context);
    /* NONE: what FIX wants in an answer about an order that the exchange does not know. */
    if (fix_frame_is(report->field[FIX_ORDER_ID], "NONE") ||
        !take_identifier(report->field[FIX_ORDER_ID], event.venue_order_id, sizeof event.venue_order_id))
        event.venue_order_id[0] = '\0';
    if (!take_identifier(report->field[FIX_SYMBOL], event.symbol, sizeof event.symbol))
        event.symbol[0] = '\0';
    fix_text_copy(report->field[FIX_CL_ORD_ID], event.cl_ord_id, sizeof event.cl_ord_id);
    event.message = report->bytes;
    event.message_length = report->length;
    map_order_message(&event, report, reference);
    emit(context, &event);
    return 1;
}
