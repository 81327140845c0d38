/* SPDX-License-Identifier: Apache-2.0 */
/* Trading halts, for operations: list, set, lift. */
#include "services/oxectl/oxectl.h"

#include <string.h>

#include "common/cleanup.h"
#include "proto/order.h"

#define HALTS_PATH "/api/v1/admin/halts"

int halts_list(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"HALT", "id", false},       {"SCOPE", "scope", false},      {"TRADER", "trader_id", false},
        {"SYMBOL", "symbol", false}, {"SINCE", "created_at", false}, {"BY", "created_by", false},
        {"REASON", "reason", false},
    };
    return http_list(context, args, HALTS_PATH, "halts", columns, ARRAY_LEN(columns));
}

int halts_set(const struct context *context, const struct args *args)
{
    CLEANUP(reply_release) struct reply reply = {0};
    const char *scope = args->operands[0], *whom = args_text(args, "[WHOM]");
    enum halt_scope kind;

    if (halt_scope_parse(scope, strlen(scope), &kind) != 0)
        return usage_error(args->command,
                           "it takes ALL, TRADER and the id of a trader, or SYMBOL and a symbol");
    bool all = kind == HALT_SCOPE_ALL;
    if (all && whom != NULL)
        return usage_error(args->command, "one argument too many: '%s'", whom);
    if (!all && whom == NULL)
        return usage_error(args->command, "%s is followed by which", scope);
    CLEANUP(buffer_release) struct buffer body = http_body(args);
    if (whom != NULL)
        json_append_member(&body, kind == HALT_SCOPE_TRADER ? "trader_id" : "symbol", whom);
    int status = http_post(context, args, &body, NULL, &reply, HALTS_PATH);
    if (status == 0 && !reply_print_json(&reply, args))
        (void)puts(json_text(reply.json, "id"));
    return status;
}

int halts_lift(const struct context *context, const struct args *args)
{
    CLEANUP(reply_release) struct reply reply = {0};

    return http_ask(context, "DELETE", NULL, NULL, &reply, HALTS_PATH "/%s", args->operands[0]);
}
