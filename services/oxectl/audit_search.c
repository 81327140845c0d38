/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit search: everyone's audit trail. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

enum { PATH_MAX_BYTES = 4096 };

static int run_search(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"SEQ", "log_seq", true},       {"RECORDED", "recorded_at", false}, {"ACTION", "action", false},
        {"TRADER", "trader_id", false}, {"ORDER", "order_id", false},       {"STATUS", "status", false},
        {"SYMBOL", "symbol", false},    {"QUANTITY", "quantity", true},     {"PRICE", "price", true},
        {"REASON", "reason", false},    {"ACTOR", "actor", false},          {"MESSAGE", "message", false},
    };
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_MAX_BYTES);

    buffer_append_text(&path, "/api/v1/audit");
    query_append(&path, "trader_id", args_text(args, "--trader"));
    query_append(&path, "order_id", args_text(args, "--order"));
    query_append(&path, "action", args_text(args, "--action"));
    query_append(&path, "from", args_text(args, "--from"));
    query_append(&path, "to", args_text(args, "--to"));
    query_append(&path, "limit", args_text(args, "--limit"));
    query_append(&path, "cursor", args_text(args, "--cursor"));
    return http_list(context, args, &path, "entries", columns, ARRAY_LEN(columns));
}

const struct command audit_search_command = {
    .name = "audit search",
    .group = GROUP_COMPLIANCE,
    .needs = NEEDS_TOKEN,
    .summary = "everyone's audit trail, oldest first",
    .manual = "A TIME is as 2025-10-17T12:01:05Z, and of the recording.",
    .args = ARGS(OPTION("--trader", "ID", "of one trader"), OPTION("--order", "ID", "of one order"),
                 OPTION("--action", "ACTION", "of one kind, such as REJECTED"),
                 OPTION("--from", "TIME", "recorded then or later"),
                 OPTION("--to", "TIME", "recorded before then"), OPTION("--limit", "N", "at most so many"),
                 OPTION("--cursor", "CURSOR", "what follows a page, as that page said"), JSON_FLAG, NO_MORE),
    .run = run_search,
};
