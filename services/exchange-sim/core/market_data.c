/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/market_data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/fix/message_rules.h"

struct subscription {
    uint32_t session;
    char id[MARKET_DATA_ID_MAX];
    bool symbols[INSTRUMENTS_MAX];
};

struct market_data {
    const struct symbols *symbols;
    const struct sink *sink;
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

int market_data_create(const struct symbols *symbols, const struct sink *sink,
                       struct market_data **ret_market_data)
{
    struct market_data *market_data = calloc(1, sizeof(*market_data));
    if (market_data == NULL)
        return -ENOMEM;
    market_data->symbols = symbols;
    market_data->sink = sink;
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

struct request {
    struct fix_text id;
    char type; /* SubscriptionRequestType */
    uint64_t depth;
    char update_type; /* '\0' when absent */
    uint64_t entry_types_declared, symbols_declared;
    bool trade; /* MDEntryType 2 is among them */
    bool unknown_symbol;
    bool symbol_set[INSTRUMENTS_MAX];
};

#define INTO(member) MESSAGE_INTO(struct request, member)

/* The values are those that FIX 4.4 has, whether they are offered or not. */
static const struct message_rule rules[] = {
    {FIX_MD_REQ_ID, FIX_KIND_TEXT, "V", "V", INTO(id)},
    {FIX_SUBSCRIPTION_REQUEST_TYPE, FIX_KIND_ENUM, "V", "V", INTO(type), "012"},
    {FIX_MARKET_DEPTH, FIX_KIND_NUMBER, "V", "V", INTO(depth)},
    {FIX_MD_UPDATE_TYPE, FIX_KIND_ENUM, "V", "", INTO(update_type), "01"},
    {FIX_AGGREGATED_BOOK, FIX_KIND_BOOL, "V", ""},
    {FIX_NO_MD_ENTRY_TYPES, FIX_KIND_NUMBER, "V", "V", INTO(entry_types_declared)},
    {FIX_NO_RELATED_SYM, FIX_KIND_NUMBER, "V", "V", INTO(symbols_declared)},
    {FIX_MD_ENTRY_TYPE, FIX_KIND_ENUM, "V", "", 0, "0123456789ABC", true, FIX_NO_MD_ENTRY_TYPES},
    {FIX_SYMBOL, FIX_KIND_TEXT, "V", "", 0, NULL, true, FIX_NO_RELATED_SYM},
};

static struct fix_fault read_request(const struct symbols *symbols, const struct fix_message *message,
                                     struct request *request)
{
    uint64_t entry_types = 0, names = 0;
    struct fix_fault fault = message_rules_read(message, 'V', rules, ARRAY_LEN(rules), false, request);
    if (fault.kind == FIX_VALID && request->id.length >= MARKET_DATA_ID_MAX)
        fault = fix_faulty(FIX_REASON_DATA_FORMAT, FIX_MD_REQ_ID);
    for (size_t i = message->body_begin; i < message->field_count; i++) {
        const struct fix_field *field = &message->fields[i];
        entry_types += field->tag == FIX_MD_ENTRY_TYPE;
        request->trade = request->trade || (field->tag == FIX_MD_ENTRY_TYPE && field->value[0] == TRADE);
        if (field->tag != FIX_SYMBOL)
            continue;
        int symbol = symbols_find(symbols, (struct fix_text){field->value, field->length});
        names++;
        if (symbol >= 0)
            request->symbol_set[symbol] = true;
        else
            request->unknown_symbol = true;
    }
    if (fault.kind == FIX_VALID && entry_types != request->entry_types_declared)
        fault = fix_faulty(FIX_REASON_GROUP_COUNT, FIX_NO_MD_ENTRY_TYPES);
    if (fault.kind == FIX_VALID && names != request->symbols_declared)
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

/* The price of a symbol: a snapshot, or an update of one. */
static void send_price(const struct market_data *market_data, uint32_t session, struct fix_text id,
                       size_t symbol, bool update, struct instant now)
{
    struct fix_body body;
    const char *name = symbols_name(market_data->symbols, symbol);
    fix_body_clear(&body);
    fix_put_text(&body, FIX_MD_REQ_ID, id.text, id.length);
    if (!update)
        fix_put_string(&body, FIX_SYMBOL, name);
    fix_put_char(&body, FIX_NO_MD_ENTRIES, '1');
    if (update)
        fix_put_char(&body, FIX_MD_UPDATE_ACTION, ACTION_CHANGE);
    fix_put_char(&body, FIX_MD_ENTRY_TYPE, TRADE);
    if (update)
        fix_put_string(&body, FIX_SYMBOL, name);
    fix_put_decimal(&body, FIX_MD_ENTRY_PX, symbols_price(market_data->symbols, symbol));
    put_time(&body, now);
    sink_send(market_data->sink, session, update ? "X" : "W", &body, SINK_PASSING);
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

struct fix_fault market_data_request(struct market_data *market_data, uint32_t session,
                                     const struct fix_message *message, struct instant now)
{
    struct request request = {0};
    struct fix_fault fault = read_request(market_data->symbols, message, &request);
    if (fault.kind != FIX_VALID)
        return fault;
    int known = find(market_data, session, request.id);
    const char *text = NULL;
    enum reject_reason reason = refuse_reason(&request, known >= 0, &text);
    if (reason == REJECT_NONE && request.type == '1' && !subscribe(market_data, &request, session)) {
        reason = REJECT_BANDWIDTH;
        text = "too many subscriptions";
    }
    if (reason != REJECT_NONE)
        send_reject(&request, reason, text, session, market_data->sink);
    else if (request.type == '2')
        drop(market_data, (size_t)known);
    else
        for (size_t symbol = 0; symbol < market_data->symbols->count; symbol++)
            if (request.symbol_set[symbol])
                send_price(market_data, session, request.id, symbol, false, now);
    return fault;
}

void market_data_update(const struct market_data *market_data, size_t symbol, struct instant now)
{
    for (size_t i = 0; i < market_data->count; i++) {
        const struct subscription *subscription = market_data->subscriptions[i];
        if (subscription->symbols[symbol])
            send_price(market_data, subscription->session, fix_text_of(subscription->id), symbol, true, now);
    }
}
