/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/market_data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

struct subscription {
    uint32_t session;
    char id[MARKET_DATA_ID_MAX];
    uint64_t symbols[INSTRUMENTS_MAX / 64];
};

struct market_data {
    size_t count;
    struct subscription *subscriptions[MARKET_DATA_SUBSCRIPTIONS_MAX];
};

enum { TRADE = '2', ACTION_CHANGE = '1' };

/* MDReqRejReason(281); NONE is ours. */
enum reject_reason {
    REJECT_UNKNOWN_SYMBOL = '0',
    REJECT_DUPLICATE_ID = '1',
    REJECT_BANDWIDTH = '2',
    REJECT_DEPTH = '5',
    REJECT_UPDATE_TYPE = '6',
    REJECT_ENTRY_TYPE = '8',
    REJECT_NONE = 0,
};

int market_data_create(struct market_data **ret_market_data)
{
    struct market_data *market_data = calloc(1, sizeof(*market_data));
    if (market_data == NULL)
        return -ENOMEM;
    *ret_market_data = market_data;
    return 0;
}

void market_data_destroy(struct market_data **market_data)
{
    if (*market_data == NULL)
        return;
    for (size_t i = 0; i < (*market_data)->count; i++)
        free((*market_data)->subscriptions[i]);
    free(*market_data);
    *market_data = NULL;
}

static void drop(struct market_data *market_data, size_t index)
{
    free(market_data->subscriptions[index]);
    market_data->subscriptions[index] = market_data->subscriptions[--market_data->count];
}

void market_data_forget_session(struct market_data *market_data, uint32_t session)
{
    for (size_t i = market_data->count; i-- > 0;)
        if (market_data->subscriptions[i]->session == session)
            drop(market_data, i);
}

static int find(const struct market_data *market_data, uint32_t session, struct fix_text id)
{
    for (size_t i = 0; i < market_data->count; i++)
        if (market_data->subscriptions[i]->session == session &&
            fix_text_equals(id, market_data->subscriptions[i]->id))
            return (int)i;
    return -1;
}

static const struct fix_fault valid = {.kind = FIX_VALID};

struct request {
    struct fix_text id;
    char type; /* SubscriptionRequestType */
    uint64_t depth;
    char update_type; /* '\0' when absent */
    uint64_t entry_types_declared, symbols_declared;
    uint64_t entry_types, symbols; /* how many came */
    bool trade;                    /* MDEntryType 2 is among them */
    bool unknown_symbol;
    uint64_t symbol_set[INSTRUMENTS_MAX / 64];
};

static void take_symbol(const struct symbols *symbols, struct fix_text text, struct request *request)
{
    int symbol = symbols_find(symbols, text);
    request->symbols++;
    if (symbol >= 0)
        request->symbol_set[symbol / 64] |= UINT64_C(1) << (symbol % 64);
    else
        request->unknown_symbol = true;
}

/* Takes a field in. The values are those that FIX 4.4 has, whether they are offered or not. */
static struct fix_fault take_field(const struct symbols *symbols, const struct fix_field *field,
                                   struct request *request)
{
    struct fix_text text = {field->value, field->length};
    bool ignored;
    switch (field->tag) {
    case FIX_MD_REQ_ID:
        request->id = text;
        return text.length < MARKET_DATA_ID_MAX ? valid : fix_faulty(FIX_REASON_DATA_FORMAT, field->tag);
    case FIX_SUBSCRIPTION_REQUEST_TYPE:
        request->type = text.text[0];
        return fix_check_enum(field, "012");
    case FIX_MD_UPDATE_TYPE:
        request->update_type = text.text[0];
        return fix_check_enum(field, "01");
    case FIX_AGGREGATED_BOOK:
        return fix_check_bool(field, &ignored);
    case FIX_MARKET_DEPTH:
        return fix_check_number(field, &request->depth);
    case FIX_NO_MD_ENTRY_TYPES:
        return fix_check_number(field, &request->entry_types_declared);
    case FIX_NO_RELATED_SYM:
        return fix_check_number(field, &request->symbols_declared);
    case FIX_MD_ENTRY_TYPE:
        request->entry_types++;
        request->trade = request->trade || text.text[0] == TRADE;
        return fix_check_enum(field, "0123456789ABC");
    case FIX_SYMBOL:
        take_symbol(symbols, text, request);
        return valid;
    default:
        return valid;
    }
}

/* Fields outside groups stand once, and a group's behind its count. */
static struct fix_fault check_place(const struct fix_message *message, const struct fix_field *field)
{
    static const uint32_t single[] = {
        FIX_MD_REQ_ID,       FIX_SUBSCRIPTION_REQUEST_TYPE, FIX_MARKET_DEPTH,  FIX_MD_UPDATE_TYPE,
        FIX_AGGREGATED_BOOK, FIX_NO_MD_ENTRY_TYPES,         FIX_NO_RELATED_SYM};
    uint32_t counted_by = field->tag == FIX_MD_ENTRY_TYPE ? FIX_NO_MD_ENTRY_TYPES
                          : field->tag == FIX_SYMBOL      ? FIX_NO_RELATED_SYM
                                                          : 0;
    const struct fix_field *count = counted_by != 0 ? fix_find(message, counted_by) : NULL;
    if (count != NULL && count > field)
        return fix_faulty(FIX_REASON_GROUP_ORDER, field->tag);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (single[i] == field->tag && fix_find(message, field->tag) != field)
            return fix_faulty(FIX_REASON_TAG_REPEATED, field->tag);
    return valid;
}

static struct fix_fault read_request(const struct symbols *symbols, const struct fix_message *message,
                                     struct request *request)
{
    static const uint32_t required[] = {FIX_MD_REQ_ID, FIX_SUBSCRIPTION_REQUEST_TYPE, FIX_MARKET_DEPTH,
                                        FIX_NO_MD_ENTRY_TYPES, FIX_NO_RELATED_SYM};
    struct fix_fault fault = valid;
    for (size_t i = message->body_begin; i < message->field_count && fault.kind == FIX_VALID; i++) {
        fault = check_place(message, &message->fields[i]);
        if (fault.kind == FIX_VALID)
            fault = take_field(symbols, &message->fields[i], request);
    }
    for (size_t i = 0; i < ARRAY_LEN(required) && fault.kind == FIX_VALID; i++)
        if (fix_find(message, required[i]) == NULL)
            fault = fix_faulty(FIX_REASON_REQUIRED_TAG_MISSING, required[i]);
    if (fault.kind == FIX_VALID && request->entry_types != request->entry_types_declared)
        fault = fix_faulty(FIX_REASON_GROUP_COUNT, FIX_NO_MD_ENTRY_TYPES);
    if (fault.kind == FIX_VALID && request->symbols != request->symbols_declared)
        fault = fix_faulty(FIX_REASON_GROUP_COUNT, FIX_NO_RELATED_SYM);
    return fault;
}

static enum reject_reason refuse_reason(const struct request *request, bool known_id, const char **ret_text)
{
    *ret_text = "unknown MDReqID";
    if (request->type == '2')
        return known_id ? REJECT_NONE : REJECT_DUPLICATE_ID;
    *ret_text = "MDReqID is in use";
    if (known_id)
        return REJECT_DUPLICATE_ID;
    *ret_text = "unknown symbol";
    if (request->unknown_symbol)
        return REJECT_UNKNOWN_SYMBOL;
    *ret_text = "MarketDepth must be 0 or 1";
    if (request->depth > 1)
        return REJECT_DEPTH;
    *ret_text = "MDUpdateType must be 1 (incremental)";
    if (request->type == '1' && request->update_type != '\0' && request->update_type != '1')
        return REJECT_UPDATE_TYPE;
    *ret_text = "only MDEntryType 2 (trade) is offered";
    return request->trade ? REJECT_NONE : REJECT_ENTRY_TYPE;
}

static void send_reject(const struct request *request, enum reject_reason reason, const char *text,
                        uint32_t session, const struct sink *sink)
{
    struct fix_body body;
    fix_body_clear(&body);
    fix_put_text(&body, FIX_MD_REQ_ID, request->id.text, request->id.length);
    fix_put_char(&body, FIX_MD_REQ_REJ_REASON, (char)reason);
    fix_put_string(&body, FIX_TEXT, text);
    sink_send(sink, session, "Y", &body, SINK_KEPT);
}

/* MDEntryDate and MDEntryTime. */
static void put_time(struct fix_body *body, struct instant now)
{
    char time[FIX_TIME_MAX];
    size_t length = fix_time_format(now, time);
    fix_put_text(body, FIX_MD_ENTRY_DATE, time, 8);
    fix_put_text(body, FIX_MD_ENTRY_TIME, time + 9, length - 9);
}

static void send_snapshot(const struct symbols *symbols, struct fix_text id, size_t symbol, uint32_t session,
                          const struct sink *sink, struct instant now)
{
    struct fix_body body;
    fix_body_clear(&body);
    fix_put_text(&body, FIX_MD_REQ_ID, id.text, id.length);
    fix_put_string(&body, FIX_SYMBOL, symbols_name(symbols, symbol));
    fix_put_char(&body, FIX_NO_MD_ENTRIES, '1');
    fix_put_char(&body, FIX_MD_ENTRY_TYPE, TRADE);
    fix_put_decimal(&body, FIX_MD_ENTRY_PX, symbols_price(symbols, symbol));
    put_time(&body, now);
    sink_send(sink, session, "W", &body, SINK_PASSING);
}

static bool has_symbol(const uint64_t *symbols, size_t symbol)
{
    return (symbols[symbol / 64] >> (symbol % 64) & 1) != 0;
}

/* Remembers the subscription; false when there is no room. */
static bool subscribe(struct market_data *market_data, const struct request *request, uint32_t session)
{
    struct subscription *subscription = NULL;
    if (market_data->count < MARKET_DATA_SUBSCRIPTIONS_MAX)
        subscription = calloc(1, sizeof(*subscription));
    if (subscription == NULL)
        return false;
    subscription->session = session;
    memcpy(subscription->id, request->id.text, request->id.length);
    memcpy(subscription->symbols, request->symbol_set, sizeof(subscription->symbols));
    market_data->subscriptions[market_data->count++] = subscription;
    return true;
}

void market_data_request(struct market_data *market_data, const struct symbols *symbols,
                         const struct sink *sink, uint32_t session, const struct fix_message *message,
                         struct instant now)
{
    struct request request = {0};
    struct fix_fault fault = read_request(symbols, message, &request);
    if (fault.kind != FIX_VALID) {
        struct fix_body body;
        fix_body_clear(&body);
        fix_put_reject(&body, message, fault.reason, fault.tag, fault.text);
        sink_send(sink, session, "3", &body, SINK_KEPT);
        return;
    }
    int known = find(market_data, session, request.id);
    const char *text = NULL;
    enum reject_reason reason = refuse_reason(&request, known >= 0, &text);
    if (reason == REJECT_NONE && request.type == '1' && !subscribe(market_data, &request, session)) {
        reason = REJECT_BANDWIDTH;
        text = "too many subscriptions";
    }
    if (reason != REJECT_NONE) {
        send_reject(&request, reason, text, session, sink);
        return;
    }
    if (request.type == '2') {
        drop(market_data, (size_t)known);
        return;
    }
    for (size_t symbol = 0; symbol < symbols->count; symbol++)
        if (has_symbol(request.symbol_set, symbol))
            send_snapshot(symbols, request.id, symbol, session, sink, now);
}

void market_data_update(const struct market_data *market_data, const struct symbols *symbols,
                        const struct sink *sink, size_t symbol, struct instant now)
{
    for (size_t i = 0; i < market_data->count; i++) {
        const struct subscription *subscription = market_data->subscriptions[i];
        if (!has_symbol(subscription->symbols, symbol))
            continue;
        struct fix_body body;
        fix_body_clear(&body);
        fix_put_string(&body, FIX_MD_REQ_ID, subscription->id);
        fix_put_char(&body, FIX_NO_MD_ENTRIES, '1');
        fix_put_char(&body, FIX_MD_UPDATE_ACTION, ACTION_CHANGE);
        fix_put_char(&body, FIX_MD_ENTRY_TYPE, TRADE);
        fix_put_string(&body, FIX_SYMBOL, symbols_name(symbols, symbol));
        fix_put_decimal(&body, FIX_MD_ENTRY_PX, symbols_price(symbols, symbol));
        put_time(&body, now);
        sink_send(sink, subscription->session, "X", &body, SINK_PASSING);
    }
}
