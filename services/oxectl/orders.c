/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and account: submit, list, show, audit trail. */
#include "services/oxectl/oxectl.h"

#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "proto/order.h"

enum { WAIT_SECONDS_MAX = 60, WAIT_STEP_MS = 100 };

static const struct column fill_columns[] = {
    {"TIME", "timestamp", false}, {"QUANTITY", "quantity_filled", true}, {"PRICE", "price_at_fill", true},
    {"VENUE", "venue", false},    {"EXECUTION", "venue_exec_id", false},
};

/* What follows the line with its id. */
static void print_rest(yajl_val order)
{
    (void)printf("%s %s %s %s", json_text(order, "side"), json_text(order, "quantity"),
                 json_text(order, "symbol"), json_text(order, "order_type"));
    if (strcmp(json_text(order, "price"), "-") != 0)
        (void)printf(" at %s", json_text(order, "price"));
    (void)printf(" %s\nstatus   %s (%s)", json_text(order, "time_in_force"), json_text(order, "status"),
                 json_text(order, "execution_state"));
    if (strcmp(json_text(order, "reason"), "-") != 0)
        (void)printf(", %s", json_text(order, "reason"));
    (void)printf("\nfilled   %s", json_text(order, "filled_quantity"));
    if (strcmp(json_text(order, "average_price"), "-") != 0)
        (void)printf(" at %s on average", json_text(order, "average_price"));
    (void)printf("\ncreated  %s\n", json_text(order, "created_at"));
    if (strcmp(json_text(order, "cancel_requested_at"), "-") != 0)
        (void)printf("cancel   requested %s\n", json_text(order, "cancel_requested_at"));
    yajl_val fills = json_get(order, "fills");
    if (YAJL_IS_ARRAY(fills) && YAJL_GET_ARRAY(fills)->len > 0)
        table_print(stdout, fill_columns, ARRAY_LEN(fill_columns), fills);
}

static void print_id(yajl_val order)
{
    (void)printf("order    %s\n", json_text(order, "id"));
}

void order_print(yajl_val order)
{
    print_id(order);
    print_rest(order);
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

/* GET of one order; *ret_reply is the caller's to release when 0 comes back. */
static int order_get(const struct context *context, const char *order_id, struct reply *ret_reply)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s", order_id);
    int status = http_request(context, "GET", path, NULL, NULL, ret_reply);
    if (status != 0)
        return status;
    if (ret_reply->status == 200 && ret_reply->json != NULL)
        return 0;
    status = reply_refused(ret_reply);
    reply_release(ret_reply);
    return status;
}

/* GET of one order, printed. */
static int show(const struct context *context, const char *order_id, bool json, void (*print)(yajl_val))
{
    struct reply reply = {0};
    int status = order_get(context, order_id, &reply);
    if (status != 0)
        return status;
    if (json)
        (void)printf("%s\n", reply.body.data);
    else
        print(reply.json);
    reply_release(&reply);
    return 0;
}

int order_show(const struct context *context, const char *order_id, bool json)
{
    return show(context, order_id, json, order_print);
}

static bool is_done(yajl_val shown)
{
    return strcmp(json_text(shown, "execution_state"), execution_state_text(EXECUTION_STATE_DONE)) == 0;
}

int order_wait(const struct context *context, const char *order_id)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS_MAX * 1000000;
    for (;;) {
        struct reply reply = {0};
        int status = order_get(context, order_id, &reply);
        if (status != 0)
            return status;
        bool done = is_done(reply.json);
        reply_release(&reply);
        if (done)
            return 0;
        if (clock_monotonic_us() > end_us)
            return trouble("order %s is still open after %d s", order_id, WAIT_SECONDS_MAX);
        pause_ms(WAIT_STEP_MS);
    }
}

/* The trail follows the order by the time that audit-writer needs, so an unfinished trail of a finished order
 * is asked again. */
static bool trail_is_complete(yajl_val entries)
{
    if (!YAJL_IS_ARRAY(entries) || YAJL_GET_ARRAY(entries)->len == 0)
        return false;
    yajl_val last = YAJL_GET_ARRAY(entries)->values[YAJL_GET_ARRAY(entries)->len - 1];
    return is_done(last);
}

static const struct column trail_columns[] = {
    {"SEQ", "log_seq", true},    {"TIME", "timestamp", false},        {"ACTION", "action", false},
    {"STATUS", "status", false}, {"STATE", "execution_state", false}, {"QUANTITY", "quantity", true},
    {"PRICE", "price", true},    {"FILLED", "total_filled", true},    {"REASON", "reason", false},
    {"ACTOR", "actor", false},
};

static void append_trail_path(struct buffer *path, const char *order_id)
{
    buffer_append_format(path, "/api/v1/orders/%s/audit", order_id);
}

static int trail_print(const struct context *context, const struct args *args, const char *order_id)
{
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(0);
    append_trail_path(&path, order_id);
    return http_list(context, args, &path, "entries", trail_columns, ARRAY_LEN(trail_columns));
}

static int trail_wait(const struct context *context, const char *order_id)
{
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(0);
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS_MAX * 1000000;
    append_trail_path(&path, order_id);
    for (;;) {
        struct reply reply = {0};
        int status = http_request(context, "GET", path.data, NULL, NULL, &reply);
        if (status != 0)
            return status;
        if (reply.status != 200)
            status = reply_refused(&reply);
        bool complete = trail_is_complete(json_get(reply.json, "entries"));
        reply_release(&reply);
        if (complete || status != 0)
            return status;
        if (clock_monotonic_us() > end_us)
            return trouble("the trail of order %s is not complete after %d s", order_id, WAIT_SECONDS_MAX);
        pause_ms(WAIT_STEP_MS);
    }
}

void order_append_member(struct buffer *body, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_format(body, "%s\"%s\":", body->length > 1 ? "," : "", name);
    buffer_append_json_text(body, value, strlen(value));
}

/* The id comes first: whoever loses patience has it. With --json it goes to standard error, for the answer is
 * one object. */
static int follow(const struct context *context, const struct args *args, yajl_val order)
{
    const char *id = json_text(order, "id");
    bool json = args_has(args, "--json"), wait = args_has(args, "--wait");
    int status = 0;
    if (!json)
        print_id(order);
    else if (wait)
        (void)fprintf(stderr, "order %s\n", id);
    (void)fflush(stdout);
    if (wait)
        status = order_wait(context, id);
    if (status == 0)
        status = show(context, id, json, print_rest);
    if (status == 0 && wait && args_has(args, "--trail"))
        status = trail_wait(context, id);
    return status == 0 && args_has(args, "--trail") ? trail_print(context, args, id) : status;
}

static int run_submit(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
    buffer_append_char(&body, '{');
    order_append_member(&body, "symbol", args->operands[0]);
    order_append_member(&body, "side", args->operands[1]);
    order_append_member(&body, "quantity", args->operands[2]);
    order_append_member(&body, "order_type", args->operands[3]);
    order_append_member(&body, "time_in_force", args_text(args, "--tif"));
    order_append_member(&body, "price", args_text(args, "--price"));
    order_append_member(&body, "stop_loss", args_text(args, "--stop-loss"));
    order_append_member(&body, "take_profit", args_text(args, "--take-profit"));
    buffer_append_char(&body, '}');
    if (buffer_failed(&body))
        return usage_error(args->command, "an argument is too long");
    struct reply reply = {0};
    int status = http_request(context, "POST", "/api/v1/orders", body.data, args_text(args, "--key"), &reply);
    if (status != 0)
        return status;
    if (reply.status != 201 && reply.status != 200)
        status = reply_refused(&reply);
    else
        status = follow(context, args, reply.json);
    reply_release(&reply);
    return status;
}

const struct command submit_command = {
    .name = "submit",
    .group = GROUP_TRADER,
    .needs = NEEDS_TOKEN,
    .summary = "submits an order",
    .args = ARGS(OPERAND("SYMBOL", "the instrument"), OPERAND("BUY|SELL", "the side"),
                 OPERAND("QUANTITY", "how many"), OPERAND("MARKET|LIMIT|STOP", "the type of order"),
                 OPTION("--tif", "DAY|GTC|IOC|FOK", "how long it is good"),
                 OPTION("--price", "P", "the limit of a LIMIT, the trigger of a STOP"),
                 OPTION("--stop-loss", "P", "sell (buy back) what was filled when the price gets there"),
                 OPTION("--take-profit", "P", "the same on the winning side"),
                 OPTION("--key", "KEY", "the Idempotency-Key: sent again with it, it is the same order"),
                 FLAG("--wait", "wait until it is done; its id is printed first"),
                 FLAG("--trail", "print its audit trail, too"), JSON_FLAG, NO_MORE),
    .run = run_submit,
};

static int run_list(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"ID", "id", false},
        {"CREATED", "created_at", false},
        {"SIDE", "side", false},
        {"QUANTITY", "quantity", true},
        {"SYMBOL", "symbol", false},
        {"TYPE", "order_type", false},
        {"PRICE", "price", true},
        {"FILLED", "filled_quantity", true},
        {"AVERAGE", "average_price", true},
        {"STATUS", "status", false},
        {"STATE", "execution_state", false},
        {"REASON", "reason", false},
    };
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(4096);
    buffer_append_text(&path, "/api/v1/orders");
    query_append(&path, "status", args_text(args, "--status"));
    query_append(&path, "symbol", args_text(args, "--symbol"));
    query_append(&path, "limit", args_text(args, "--limit"));
    query_append(&path, "cursor", args_text(args, "--cursor"));
    return http_list(context, args, &path, "orders", columns, ARRAY_LEN(columns));
}

const struct command list_command = {
    .name = "list",
    .group = GROUP_TRADER,
    .needs = NEEDS_TOKEN,
    .summary = "orders, newest first",
    .args =
        ARGS(OPTION("--status", "STATUS", "of this status, such as PENDING"),
             OPTION("--symbol", "SYMBOL", "in this instrument"), OPTION("--limit", "N", "at most so many"),
             OPTION("--cursor", "CURSOR", "what follows a page, as that page said"), JSON_FLAG, NO_MORE),
    .run = run_list,
};

static int run_show(const struct context *context, const struct args *args)
{
    return order_show(context, args->operands[0], args_has(args, "--json"));
}

const struct command show_command = {
    .name = "show",
    .group = GROUP_TRADER,
    .needs = NEEDS_TOKEN,
    .summary = "one order with its fills",
    .args = ARGS(ORDER_OPERAND, JSON_FLAG, NO_MORE),
    .run = run_show,
};

static int run_audit(const struct context *context, const struct args *args)
{
    return trail_print(context, args, args->operands[0]);
}

const struct command audit_command = {
    .name = "audit",
    .group = GROUP_TRADER,
    .needs = NEEDS_TOKEN,
    .summary = "the audit trail of one order",
    .args = ARGS(ORDER_OPERAND, JSON_FLAG, NO_MORE),
    .run = run_audit,
};
