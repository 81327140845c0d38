/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and account: submit, list, show, audit trail. */
#include "services/oxectl/oxectl.h"

#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "proto/order.h"

enum { WAIT_SECONDS_MAX = 60, WAIT_STEP_MS = 100 };

#define ORDERS_PATH "/api/v1/orders"
#define ORDER_PATH  ORDERS_PATH "/%s"
#define TRAIL       "/audit"

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
    if (json_length(fills) > 0)
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

/* GET of one order, printed. */
static int show(const struct context *context, const struct args *args, const char *order_id,
                void (*print)(yajl_val))
{
    CLEANUP(reply_release) struct reply reply = {0};
    int status = http_get(context, &reply, ORDER_PATH, order_id);
    if (status == 0 && !reply_print_json(&reply, args))
        print(reply.json);
    return status;
}

int order_show(const struct context *context, const struct args *args, const char *order_id)
{
    return show(context, args, order_id, order_print);
}

/* Asks for the order, or what the path has behind it, until the answer is done. */
static int wait_until(const struct context *context, const char *order_id, const char *behind,
                      bool (*is_done)(yajl_val answer), const char *what, const char *is_not)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS_MAX * 1000000;
    for (;;) {
        CLEANUP(reply_release) struct reply reply = {0};
        int status = http_get(context, &reply, ORDER_PATH "%s", order_id, behind);
        if (status != 0 || is_done(reply.json))
            return status;
        if (clock_monotonic_us() > end_us)
            return trouble("%s %s %s after %d s", what, order_id, is_not, WAIT_SECONDS_MAX);
        pause_ms(WAIT_STEP_MS);
    }
}

static bool is_done(yajl_val shown)
{
    return strcmp(json_text(shown, "execution_state"), execution_state_text(EXECUTION_STATE_DONE)) == 0;
}

int order_wait(const struct context *context, const char *order_id)
{
    return wait_until(context, order_id, "", is_done, "order", "is still open");
}

/* The trail follows the order by the time that audit-writer needs, so an unfinished trail of a finished order
 * is asked again. */
static bool trail_is_complete(yajl_val trail)
{
    yajl_val entries = json_get(trail, "entries");
    size_t count = json_length(entries);
    return count > 0 && is_done(json_item(entries, count - 1));
}

static const struct column trail_columns[] = {
    {"SEQ", "log_seq", true},    {"TIME", "timestamp", false},        {"ACTION", "action", false},
    {"STATUS", "status", false}, {"STATE", "execution_state", false}, {"QUANTITY", "quantity", true},
    {"PRICE", "price", true},    {"FILLED", "total_filled", true},    {"REASON", "reason", false},
    {"ACTOR", "actor", false},
};

static int trail_print(const struct context *context, const struct args *args, const char *order_id)
{
    CLEANUP(reply_release) struct reply reply = {0};
    int status = http_get(context, &reply, ORDER_PATH TRAIL, order_id);
    if (status == 0 && !reply_print_json(&reply, args))
        table_print(stdout, trail_columns, ARRAY_LEN(trail_columns), json_get(reply.json, "entries"));
    return status;
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
        status = show(context, args, id, print_rest);
    if (status == 0 && wait && args_has(args, "--trail"))
        status = wait_until(context, id, TRAIL, trail_is_complete, "the trail of order", "is not complete");
    return status == 0 && args_has(args, "--trail") ? trail_print(context, args, id) : status;
}

int orders_submit(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer body = http_body(args);
    CLEANUP(reply_release) struct reply reply = {0};
    int status = http_post(context, args, &body, args_text(args, "--key"), &reply, ORDERS_PATH);
    return status == 0 ? follow(context, args, reply.json) : status;
}

int orders_list(const struct context *context, const struct args *args)
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
    return http_list(context, args, ORDERS_PATH, "orders", columns, ARRAY_LEN(columns));
}

int orders_show(const struct context *context, const struct args *args)
{
    return order_show(context, args, args->operands[0]);
}

int orders_trail(const struct context *context, const struct args *args)
{
    return trail_print(context, args, args->operands[0]);
}
