/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit search: everyone's audit trail. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

int audit_search_run(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"SEQ", "log_seq", true},       {"RECORDED", "recorded_at", false}, {"ACTION", "action", false},
        {"TRADER", "trader_id", false}, {"ORDER", "order_id", false},       {"STATUS", "status", false},
        {"SYMBOL", "symbol", false},    {"QUANTITY", "quantity", true},     {"PRICE", "price", true},
        {"REASON", "reason", false},    {"ACTOR", "actor", false},          {"MESSAGE", "message", false},
    };
    return http_list(context, args, "/api/v1/audit", "entries", columns, ARRAY_LEN(columns));
}
