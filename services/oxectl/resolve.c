/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked about an order that exists: its cancel, and operations' word on one that is in doubt. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

/* Prints the order as it was then. */
static void print(struct reply *reply, bool json)
{
    if (json)
        (void)printf("%s\n", reply->body.data);
    else
        order_print(reply->json);
}

static int run_cancel(const struct context *context, const struct args *args)
{
    const char *order_id = args->operands[0];
    bool json = args_has(args, "--json");
    CLEANUP(reply_release) struct reply reply = {0};

    int status = http_ask(context, "POST", NULL, NULL, &reply, "/api/v1/orders/%s/cancel", order_id);
    if (status != 0)
        return status;
    if (!args_has(args, "--wait")) {
        print(&reply, json);
        return 0;
    }
    status = order_wait(context, order_id);
    return status == 0 ? order_show(context, order_id, json) : status;
}

const struct command cancel_command = {
    .name = "cancel",
    .group = GROUP_TRADER,
    .needs = NEEDS_TOKEN,
    .summary = "asks for an order to be cancelled",
    .args = ARGS(ORDER_OPERAND, FLAG("--wait", "wait until it is done"), JSON_FLAG, NO_MORE),
    .run = run_cancel,
};

static int run_resolve(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
    CLEANUP(reply_release) struct reply reply = {0};

    buffer_append_char(&body, '{');
    args_append_members(args, &body);
    buffer_append_char(&body, '}');
    if (buffer_failed(&body))
        return usage_error(args->command, "an argument is too long");
    int status = http_ask(context, "POST", body.data, NULL, &reply, "/api/v1/admin/orders/%s/resolve",
                          args->operands[0]);
    if (status == 0)
        print(&reply, args_has(args, "--json"));
    return status;
}

const struct command resolve_command = {
    .name = "resolve",
    .group = GROUP_OPERATIONS,
    .needs = NEEDS_TOKEN,
    .summary = "says what becomes of an order in doubt",
    .manual = "FILL needs the figures of the execution: --quantity, --price and --exec-id.",
    .args = ARGS(
        ORDER_OPERAND, OPERAND("RETRY|REJECT|CANCEL|FILL", "what becomes of it", .member = "action"),
        OPTION("--reason", "TEXT", "why; it stands in the audit trail", .required = true, .member = "reason"),
        OPTION("--quantity", "Q", "how many were filled", .member = "quantity"),
        OPTION("--price", "P", "at which price", .member = "price"),
        OPTION("--exec-id", "ID", "the exchange's id of the execution", .member = "venue_exec_id"), JSON_FLAG,
        NO_MORE),
    .run = run_resolve,
};
