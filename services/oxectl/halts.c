/* SPDX-License-Identifier: Apache-2.0 */
/* Trading halts, for operations: list, set, lift. */
#include "services/oxectl/oxectl.h"

#include <string.h>

#include "common/cleanup.h"
#include "proto/order.h"

#define HALTS_PATH "/api/v1/admin/halts"

static int run_list(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"HALT", "id", false},       {"SCOPE", "scope", false},      {"TRADER", "trader_id", false},
        {"SYMBOL", "symbol", false}, {"SINCE", "created_at", false}, {"BY", "created_by", false},
        {"REASON", "reason", false},
    };
    return http_list(context, args, HALTS_PATH, "halts", columns, ARRAY_LEN(columns));
}

const struct command halts_command = {
    .name = "halts",
    .group = GROUP_OPERATIONS,
    .needs = NEEDS_TOKEN,
    .summary = "trading halts in force",
    .args = ARGS(JSON_FLAG, NO_MORE),
    .run = run_list,
};

static int run_halt(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
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
    buffer_append_char(&body, '{');
    args_append_members(args, &body);
    if (whom != NULL)
        json_append_member(&body, kind == HALT_SCOPE_TRADER ? "trader_id" : "symbol", whom);
    buffer_append_text(&body, args_has(args, "--cancel-open") ? ",\"cancel_open\":true}" : "}");
    if (buffer_failed(&body))
        return usage_error(args->command, "an argument is too long");
    int status = http_ask(context, "POST", body.data, NULL, &reply, HALTS_PATH);
    if (status == 0)
        (void)printf("%s\n", args_has(args, "--json") ? reply.body.data : json_text(reply.json, "id"));
    return status;
}

const struct command halt_command = {
    .name = "halt",
    .group = GROUP_OPERATIONS,
    .needs = NEEDS_TOKEN,
    .summary = "halts trading; prints the halt's id",
    .args = ARGS(
        OPTION("--reason", "TEXT", "why; it stands in the audit trail", .required = true, .member = "reason"),
        FLAG("--cancel-open", "also cancels what is open"), JSON_FLAG,
        OPERAND("ALL|TRADER|SYMBOL", "of everything, of one trader or in one symbol", .member = "scope"),
        OPERAND("[WHOM]", "the trader's id, or the symbol"), NO_MORE),
    .run = run_halt,
};

static int run_resume(const struct context *context, const struct args *args)
{
    CLEANUP(reply_release) struct reply reply = {0};

    return http_ask(context, "DELETE", NULL, NULL, &reply, HALTS_PATH "/%s", args->operands[0]);
}

const struct command resume_command = {
    .name = "resume",
    .group = GROUP_OPERATIONS,
    .needs = NEEDS_TOKEN,
    .summary = "lifts a halt",
    .args = ARGS(OPERAND("HALT", "its id; 'oxectl halts' lists them", .kind = ARG_ID), NO_MORE),
    .run = run_resume,
};
