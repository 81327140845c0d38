/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked about an order that exists: its cancel, and operations' word on one that is in doubt. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

/* POST to /api/v1/HEAD/ORDER/VERB; *ret_reply is the caller's to release when 0 comes back. */
static int post(const struct context *context, const char *head, const char *order_id, const char *verb,
                const char *body, struct reply *ret_reply)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/%s/%s/%s", head, order_id, verb);
    int status = http_request(context, "POST", path, body, NULL, ret_reply);
    if (status != 0 || (ret_reply->status == 202 && ret_reply->json != NULL))
        return status;
    status = reply_refused(ret_reply);
    reply_release(ret_reply);
    return status;
}

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
    struct reply reply = {0};

    int status = post(context, "orders", order_id, "cancel", NULL, &reply);
    if (status != 0)
        return status;
    if (!args_has(args, "--wait"))
        print(&reply, json);
    reply_release(&reply);
    if (args_has(args, "--wait"))
        status = order_wait(context, order_id);
    return args_has(args, "--wait") && status == 0 ? order_show(context, order_id, json) : status;
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
    struct reply reply = {0};

    buffer_append_char(&body, '{');
    order_append_member(&body, "action", args->operands[1]);
    order_append_member(&body, "reason", args_text(args, "--reason"));
    order_append_member(&body, "quantity", args_text(args, "--quantity"));
    order_append_member(&body, "price", args_text(args, "--price"));
    order_append_member(&body, "venue_exec_id", args_text(args, "--exec-id"));
    buffer_append_char(&body, '}');
    if (buffer_failed(&body))
        return usage_error(args->command, "an argument is too long");
    int status = post(context, "admin/orders", args->operands[0], "resolve", body.data, &reply);
    if (status != 0)
        return status;
    print(&reply, args_has(args, "--json"));
    reply_release(&reply);
    return 0;
}

const struct command resolve_command = {
    .name = "resolve",
    .group = GROUP_OPERATIONS,
    .needs = NEEDS_TOKEN,
    .summary = "says what becomes of an order in doubt",
    .manual = "FILL needs the figures of the execution: --quantity, --price and --exec-id.",
    .args = ARGS(ORDER_OPERAND, OPERAND("RETRY|REJECT|CANCEL|FILL", "what becomes of it"),
                 OPTION("--reason", "TEXT", "why; it stands in the audit trail", .required = true),
                 OPTION("--quantity", "Q", "how many were filled"), OPTION("--price", "P", "at which price"),
                 OPTION("--exec-id", "ID", "the exchange's id of the execution"), JSON_FLAG, NO_MORE),
    .run = run_resolve,
};
