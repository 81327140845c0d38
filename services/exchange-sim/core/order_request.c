/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/order_request.h"

#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/core/orders.h"
#include "services/exchange-sim/fix/message_rules.h"

/* The values that FIX 4.4 has: others are no value of the field. Which of them the exchange takes is decided
 * in exchange.c. */
static const char handling[] = "123", sides[] = "123456789ABCDEFG", types[] = "12346789DEGIJKLMP",
                  times_in_force[] = "01234567";

#define INTO(member) MESSAGE_INTO(struct order_request, member)

static const struct message_rule rules[] = {
    {FIX_CL_ORD_ID, FIX_KIND_ID, "DFGH", "DFGH", INTO(cl_ord_id)},
    {FIX_ORIG_CL_ORD_ID, FIX_KIND_ID, "FG", "FG", INTO(orig_cl_ord_id)},
    {FIX_SYMBOL, FIX_KIND_TEXT, "DFGH", "DFGH", INTO(symbol)},
    {FIX_SIDE, FIX_KIND_ENUM, "DFGH", "DFGH", INTO(side), sides},
    {FIX_TRANSACT_TIME, FIX_KIND_TIME, "DFG", "DFG"},
    {FIX_ORD_TYPE, FIX_KIND_ENUM, "DG", "DG", INTO(type), types},
    {FIX_ORDER_QTY, FIX_KIND_DECIMAL, "DFG", "", INTO(quantity)},
    {FIX_PRICE, FIX_KIND_DECIMAL, "DG", "", INTO(price)},
    {FIX_STOP_PX, FIX_KIND_DECIMAL, "DG", "", INTO(stop_price)},
    {FIX_TIME_IN_FORCE, FIX_KIND_ENUM, "DG", "", INTO(time_in_force), times_in_force},
    {FIX_HANDL_INST, FIX_KIND_ENUM, "DG", "", 0, handling},
    {FIX_ORD_STATUS_REQ_ID, FIX_KIND_ID, "H", "", INTO(status_request_id)},
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

static const struct fix_fault valid = {.kind = FIX_VALID};

static struct fix_fault missing(uint32_t tag, const char *text)
{
    return (struct fix_fault){.kind = FIX_INCOMPLETE, .tag = tag, .text = text};
}

/* field: the one that counts the group's entries. */
static struct fix_fault check_group(const struct fix_message *message, size_t field,
                                    const struct group_rule *group)
{
    const struct fix_field *count = &message->fields[field];
    uint64_t told = 0, found = 0;
    struct fix_fault fault = fix_read(count, FIX_KIND_NUMBER, NULL, &told);
    if (fault.kind != FIX_VALID)
        return fault;
    for (size_t i = message->body_begin; i < message->field_count; i++)
        found += message->fields[i].tag == group->first;
    if (told != found)
        return fix_faulty(FIX_REASON_GROUP_COUNT, count->tag);
    if (told > 0 && (field + 1 == message->field_count || message->fields[field + 1].tag != group->first))
        return fix_faulty(FIX_REASON_GROUP_ORDER, group->first);
    return valid;
}

static struct fix_fault check_groups(const struct fix_message *message, char type)
{
    for (size_t i = message->body_begin; (type == 'D' || type == 'G') && i < message->field_count; i++) {
        for (size_t group = 0; group < ARRAY_LEN(groups); group++) {
            if (message->fields[i].tag != groups[group].count)
                continue;
            struct fix_fault fault = check_group(message, i, &groups[group]);
            if (fault.kind != FIX_VALID)
                return fault;
        }
    }
    return valid;
}

static struct fix_fault check_conditional(const struct order_request *request, char type)
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

struct fix_fault order_request_parse(const struct fix_message *message, char type,
                                     struct order_request *ret_request)
{
    *ret_request = (struct order_request){.message = type, .time_in_force = TIF_DAY};
    struct fix_fault fault = message_rules_read(message, type, rules, ARRAY_LEN(rules), false, ret_request);
    if (fault.kind == FIX_VALID)
        fault = check_groups(message, type);
    return fault.kind != FIX_VALID ? fault : check_conditional(ret_request, type);
}
