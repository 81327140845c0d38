/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit search: everyone's audit trail. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

static int run_search(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"SEQ", "log_seq", true},       {"RECORDED", "recorded_at", false}, {"ACTION", "action", false},
        {"TRADER", "trader_id", false}, {"ORDER", "order_id", false},       {"STATUS", "status", false},
        {"SYMBOL", "symbol", false},    {"QUANTITY", "quantity", true},     {"PRICE", "price", true},
        {"REASON", "reason", false},    {"ACTOR", "actor", false},          {"MESSAGE", "message", false},
    };
    return http_list(context, args, "/api/v1/audit", "entries", columns, ARRAY_LEN(columns));
}

const struct command audit_search_command = {
    .name = "audit search",
    .group = GROUP_COMPLIANCE,
    .needs = NEEDS_TOKEN,
    .summary = "everyone's audit trail, oldest first",
    .manual = "A TIME is as 2025-10-17T12:01:05Z, and of the recording.",
    .args = ARGS(OPTION("--trader", "ID", "of one trader", .member = "trader_id"),
                 OPTION("--order", "ID", "of one order", .member = "order_id"),
                 OPTION("--action", "ACTION", "of one kind, such as REJECTED", .member = "action"),
                 RECORDED_OPTIONS, PAGE_OPTIONS, JSON_FLAG, NO_MORE),
    .run = run_search,
};
