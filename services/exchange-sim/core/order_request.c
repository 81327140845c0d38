/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/order_request.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/core/orders.h"

enum field_kind {
    KIND_ID,
    KIND_TEXT,
    KIND_ENUM,
    KIND_QUANTITY,
    KIND_PRICE,
    KIND_CHECKED_ENUM,
    KIND_CHECKED_TIME
};

/* The values that FIX 4.4 has: others are no value of the field. Which of them the exchange takes is decided
 * in exchange.c. */
static const char handling[] = "123", sides[] = "123456789ABCDEFG", types[] = "12346789DEGIJKLMP",
                  times_in_force[] = "01234567";

/* One letter per message type: where a field may stand, and where it must. */
static const struct field_rule {
    uint32_t tag;
    enum field_kind kind;
    const char *allowed_in, *required_by;
    size_t offset; /* into struct order_request; unused where the value is only checked */
    const char *values;
} rules[] = {
    {FIX_CL_ORD_ID, KIND_ID, "DFGH", "DFGH", offsetof(struct order_request, cl_ord_id), NULL},
    {FIX_ORIG_CL_ORD_ID, KIND_ID, "FG", "FG", offsetof(struct order_request, orig_cl_ord_id), NULL},
    {FIX_SYMBOL, KIND_TEXT, "DFGH", "DFGH", offsetof(struct order_request, symbol), NULL},
    {FIX_SIDE, KIND_ENUM, "DFGH", "DFGH", offsetof(struct order_request, side), sides},
    {FIX_TRANSACT_TIME, KIND_CHECKED_TIME, "DFG", "DFG", 0, NULL},
    {FIX_ORD_TYPE, KIND_ENUM, "DG", "DG", offsetof(struct order_request, type), types},
    {FIX_ORDER_QTY, KIND_QUANTITY, "DFG", "", offsetof(struct order_request, quantity), NULL},
    {FIX_PRICE, KIND_PRICE, "DG", "", offsetof(struct order_request, price), NULL},
    {FIX_STOP_PX, KIND_PRICE, "DG", "", offsetof(struct order_request, stop_price), NULL},
    {FIX_TIME_IN_FORCE, KIND_ENUM, "DG", "", offsetof(struct order_request, time_in_force), times_in_force},
    {FIX_HANDL_INST, KIND_CHECKED_ENUM, "DG", "", 0, handling},
    {FIX_ORD_STATUS_REQ_ID, KIND_ID, "H", "", offsetof(struct order_request, status_request_id), NULL},
};

/* The repeating groups of D and G: what counts the entries, and the field with which each begins. The
 * exchange reads none of them. */
static const struct group_rule {
    uint32_t count, first;
} groups[] = {{FIX_NO_PARTY_IDS, FIX_PARTY_ID},
              {FIX_NO_ALLOCS, FIX_ALLOC_ACCOUNT},
              {FIX_NO_TRADING_SESSIONS, FIX_TRADING_SESSION_ID},
              {FIX_NO_SECURITY_ALT_ID, FIX_SECURITY_ALT_ID},
              {FIX_NO_EVENTS, FIX_EVENT_TYPE},
              {FIX_NO_UNDERLYINGS, FIX_UNDERLYING_SYMBOL},
              {FIX_NO_STIPULATIONS, FIX_STIPULATION_TYPE}};

static struct order_request_fault refused(struct fix_fault fault)
{
    return (struct order_request_fault){.kind = fault.kind == FIX_VALID ? ORDER_REQUEST_VALID
                                                                        : ORDER_REQUEST_REJECT,
                                        .reason = fault.reason,
                                        .tag = fault.tag,
                                        .text = fault.text};
}

static struct order_request_fault reject(enum fix_reject_reason reason, uint32_t tag)
{
    return refused(fix_faulty(reason, tag));
}

static struct order_request_fault missing(uint32_t tag, const char *text)
{
    return (struct order_request_fault){.kind = ORDER_REQUEST_BUSINESS, .tag = tag, .text = text};
}

static const struct order_request_fault valid = {.kind = ORDER_REQUEST_VALID};

static struct order_request_fault read_decimal(const struct fix_field *field, struct decimal *ret_value)
{
    struct decimal value;
    int error = fix_value_decimal(field->value, field->length, &value);
    if (error == -EINVAL)
        return reject(FIX_REASON_DATA_FORMAT, field->tag);
    if (error < 0 || !decimal_is_positive(value))
        return reject(FIX_REASON_VALUE_INCORRECT, field->tag);
    *ret_value = value;
    return valid;
}

static struct order_request_fault read_value(const struct fix_field *field, const struct field_rule *rule,
                                             struct order_request *request)
{
    void *target = (char *)request + rule->offset;
    struct fix_fault fault;
    struct instant ignored;
    switch (rule->kind) {
    case KIND_ID:
        if (field->length >= CL_ORD_ID_MAX)
            return (struct order_request_fault){.kind = ORDER_REQUEST_REJECT,
                                                .reason = FIX_REASON_VALUE_INCORRECT,
                                                .tag = field->tag,
                                                .text = "Value is longer than 47 characters"};
        *(struct fix_text *)target = (struct fix_text){field->value, field->length};
        return valid;
    case KIND_TEXT:
        *(struct fix_text *)target = (struct fix_text){field->value, field->length};
        return valid;
    case KIND_ENUM:
        fault = fix_check_enum(field, rule->values);
        if (fault.kind == FIX_VALID)
            *(char *)target = field->value[0];
        return refused(fault);
    case KIND_CHECKED_ENUM:
        return refused(fix_check_enum(field, rule->values));
    case KIND_QUANTITY:
    case KIND_PRICE:
        return read_decimal(field, target);
    case KIND_CHECKED_TIME:
        return fix_value_time(field->value, field->length, &ignored) < 0
                   ? reject(FIX_REASON_DATA_FORMAT, field->tag)
                   : valid;
    }
    return valid;
}

/* field: the one that counts the group's entries. */
static struct order_request_fault check_group(const struct fix_message *message, size_t field,
                                              const struct group_rule *group)
{
    const struct fix_field *count = &message->fields[field];
    uint64_t told, found = 0;

    if (fix_value_u64(count->value, count->length, &told) < 0)
        return reject(FIX_REASON_DATA_FORMAT, count->tag);
    for (size_t i = message->body_begin; i < message->field_count; i++)
        found += message->fields[i].tag == group->first;
    if (told != found)
        return reject(FIX_REASON_GROUP_COUNT, count->tag);
    if (told > 0 && (field + 1 == message->field_count || message->fields[field + 1].tag != group->first))
        return reject(FIX_REASON_GROUP_ORDER, group->first);
    return valid;
}

static struct order_request_fault check_groups(const struct fix_message *message, char type)
{
    for (size_t i = message->body_begin; (type == 'D' || type == 'G') && i < message->field_count; i++) {
        for (size_t group = 0; group < ARRAY_LEN(groups); group++) {
            if (message->fields[i].tag != groups[group].count)
                continue;
            struct order_request_fault fault = check_group(message, i, &groups[group]);
            if (fault.kind != ORDER_REQUEST_VALID)
                return fault;
        }
    }
    return valid;
}

static struct order_request_fault check_conditional(const struct order_request *request, char type)
{
    if (type != 'D' && type != 'G')
        return valid;
    if (request->quantity.units == 0)
        return missing(FIX_ORDER_QTY, "OrderQty(38) is required");
    if (request->type == TYPE_LIMIT && request->price.units == 0)
        return missing(FIX_PRICE, "Price(44) is required for OrdType 2");
    if (request->type == TYPE_STOP && request->stop_price.units == 0)
        return missing(FIX_STOP_PX, "StopPx(99) is required for OrdType 3");
    return valid;
}

struct order_request_fault order_request_parse(const struct fix_message *message, char type,
                                               struct order_request *ret_request)
{
    struct order_request *request = ret_request;
    unsigned seen = 0;
    struct order_request_fault first = valid;
    *request = (struct order_request){.message = type, .time_in_force = TIF_DAY};
    for (size_t i = message->body_begin; i < message->field_count; i++) {
        const struct fix_field *field = &message->fields[i];
        size_t rule = 0;
        while (rule < ARRAY_LEN(rules) && rules[rule].tag != field->tag)
            rule++;
        if (rule == ARRAY_LEN(rules))
            continue;
        struct order_request_fault fault =
            (seen & 1U << rule) != 0                       ? reject(FIX_REASON_TAG_REPEATED, field->tag)
            : strchr(rules[rule].allowed_in, type) == NULL ? reject(FIX_REASON_TAG_NOT_DEFINED, field->tag)
                                                           : read_value(field, &rules[rule], request);
        seen |= 1U << rule;
        if (first.kind == ORDER_REQUEST_VALID)
            first = fault;
    }
    for (size_t rule = 0; rule < ARRAY_LEN(rules) && first.kind == ORDER_REQUEST_VALID; rule++)
        if ((seen & 1U << rule) == 0 && strchr(rules[rule].required_by, type) != NULL)
            first = reject(FIX_REASON_REQUIRED_TAG_MISSING, rules[rule].tag);
    if (first.kind == ORDER_REQUEST_VALID)
        first = check_groups(message, type);
    return first.kind != ORDER_REQUEST_VALID ? first : check_conditional(request, type);
}
