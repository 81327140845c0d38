#include "services/exchange-sim/order_request.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/orders.h"

enum field_kind { KIND_ID, KIND_TEXT, KIND_CHAR, KIND_QUANTITY, KIND_PRICE, KIND_TIME };

/* Who needs a field: one letter per message type. */
static const struct field_rule {
    uint32_t tag;
    enum field_kind kind;
    const char *required_by;
    size_t offset; /* into struct order_request; unused for KIND_TIME */
} rules[] = {
    {FIX_CL_ORD_ID, KIND_ID, "DFGH", offsetof(struct order_request, cl_ord_id)},
    {FIX_ORIG_CL_ORD_ID, KIND_ID, "FG", offsetof(struct order_request, orig_cl_ord_id)},
    {FIX_SYMBOL, KIND_TEXT, "DFGH", offsetof(struct order_request, symbol)},
    {FIX_SIDE, KIND_CHAR, "DFGH", offsetof(struct order_request, side)},
    {FIX_TRANSACT_TIME, KIND_TIME, "DFG", 0},
    {FIX_ORD_TYPE, KIND_CHAR, "DG", offsetof(struct order_request, type)},
    {FIX_ORDER_QTY, KIND_QUANTITY, "", offsetof(struct order_request, quantity)},
    {FIX_PRICE, KIND_PRICE, "", offsetof(struct order_request, price)},
    {FIX_STOP_PX, KIND_PRICE, "", offsetof(struct order_request, stop_price)},
    {FIX_TIME_IN_FORCE, KIND_CHAR, "", offsetof(struct order_request, time_in_force)},
    {FIX_ORD_STATUS_REQ_ID, KIND_ID, "", offsetof(struct order_request, status_request_id)},
};

static struct order_request_fault reject(enum fix_reject_reason reason, uint32_t tag, const char *text)
{
    return (struct order_request_fault){
        .kind = ORDER_REQUEST_REJECT, .reason = reason, .tag = tag, .text = text};
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
        return reject(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
    if (error < 0 || !decimal_is_positive(value))
        return reject(FIX_REASON_VALUE_INCORRECT, field->tag,
                      "Value is incorrect (out of range) for this tag");
    *ret_value = value;
    return valid;
}

static struct order_request_fault read_value(const struct fix_field *field, const struct field_rule *rule,
                                             struct order_request *request)
{
    void *target = (char *)request + rule->offset;
    struct instant ignored;
    switch (rule->kind) {
    case KIND_ID:
        if (field->length >= CL_ORD_ID_MAX)
            return reject(FIX_REASON_VALUE_INCORRECT, field->tag, "Value is longer than 47 characters");
        *(struct fix_text *)target = (struct fix_text){field->value, field->length};
        return valid;
    case KIND_TEXT:
        *(struct fix_text *)target = (struct fix_text){field->value, field->length};
        return valid;
    case KIND_CHAR:
        if (field->length != 1)
            return reject(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        *(char *)target = field->value[0];
        return valid;
    case KIND_QUANTITY:
    case KIND_PRICE:
        return read_decimal(field, target);
    case KIND_TIME:
        if (fix_value_time(field->value, field->length, &ignored) < 0)
            return reject(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        return valid;
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
    *request = (struct order_request){.time_in_force = TIF_DAY};
    for (size_t i = message->body_begin; i < message->field_count; i++) {
        const struct fix_field *field = &message->fields[i];
        size_t rule = 0;
        while (rule < ARRAY_LEN(rules) && rules[rule].tag != field->tag)
            rule++;
        if (rule == ARRAY_LEN(rules))
            continue;
        struct order_request_fault fault =
            (seen & 1U << rule) != 0
                ? reject(FIX_REASON_TAG_REPEATED, field->tag, "Tag appears more than once")
                : read_value(field, &rules[rule], request);
        seen |= 1U << rule;
        if (first.kind == ORDER_REQUEST_VALID)
            first = fault;
    }
    for (size_t rule = 0; rule < ARRAY_LEN(rules) && first.kind == ORDER_REQUEST_VALID; rule++)
        if ((seen & 1U << rule) == 0 && strchr(rules[rule].required_by, type) != NULL)
            first = reject(FIX_REASON_REQUIRED_TAG_MISSING, rules[rule].tag, "Required tag missing");
    return first.kind != ORDER_REQUEST_VALID ? first : check_conditional(request, type);
}
