/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked about an order that exists: its cancel, and operations' word on one that is in doubt. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

/* Prints the order as it was then. */
static void print(const struct reply *reply, const struct args *args)
{
    if (!reply_print_json(reply, args))
        order_print(reply->json);
}

int resolve_cancel(const struct context *context, const struct args *args)
{
    const char *order_id = args->operands[0];
    CLEANUP(reply_release) struct reply reply = {0};

    int status = http_ask(context, "POST", NULL, NULL, &reply, "/api/v1/orders/%s/cancel", order_id);
    if (status != 0)
        return status;
    if (!args_has(args, "--wait")) {
        print(&reply, args);
        return 0;
    }
    status = order_wait(context, order_id);
    return status == 0 ? order_show(context, args, order_id) : status;
}

int resolve_run(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer body = http_body(args);
    CLEANUP(reply_release) struct reply reply = {0};

    int status =
        http_post(context, args, &body, NULL, &reply, "/api/v1/admin/orders/%s/resolve", args->operands[0]);
    if (status == 0)
        print(&reply, args);
    return status;
}
