/* Orders and account: submit, list, show, audit trail. */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/uuid.h"

enum { WAIT_SECONDS_MAX = 60, WAIT_STEP_MS = 100 };

static const struct column fill_columns[] = {
    {"TIME", "timestamp", false}, {"QUANTITY", "quantity_filled", true}, {"PRICE", "price_at_fill", true},
    {"VENUE", "venue", false},    {"EXECUTION", "venue_exec_id", false},
};

void order_print(yajl_val order)
{
    (void)printf("order    %s\n%s %s %s %s", json_text(order, "id"), json_text(order, "side"),
                 json_text(order, "quantity"), json_text(order, "symbol"), json_text(order, "order_type"));
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

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

bool order_is_id(const char *text)
{
    struct uuid id;
    return uuid_parse(text, strlen(text), &id) == 0;
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

int order_show(const struct context *context, const char *order_id, bool json)
{
    struct reply reply = {0};
    int status = order_get(context, order_id, &reply);
    if (status != 0)
        return status;
    if (json)
        (void)printf("%s\n", reply.body.data);
    else
        order_print(reply.json);
    reply_release(&reply);
    return 0;
}

int order_wait(const struct context *context, const char *order_id)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS_MAX * 1000000;
    for (;;) {
        struct reply reply = {0};
        int status = order_get(context, order_id, &reply);
        if (status != 0)
            return status;
        bool done = strcmp(json_text(reply.json, "execution_state"), "DONE") == 0;
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
    return strcmp(json_text(last, "execution_state"), "DONE") == 0;
}

static const struct column trail_columns[] = {
    {"SEQ", "log_seq", true},    {"TIME", "timestamp", false},        {"ACTION", "action", false},
    {"STATUS", "status", false}, {"STATE", "execution_state", false}, {"QUANTITY", "quantity", true},
    {"PRICE", "price", true},    {"FILLED", "total_filled", true},    {"REASON", "reason", false},
    {"ACTOR", "actor", false},
};

static int trail_get(const struct context *context, const char *order_id, struct reply *ret_reply)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/audit", order_id);
    int status = http_request(context, "GET", path, NULL, NULL, ret_reply);
    if (status == 0 && ret_reply->status != 200) {
        status = reply_refused(ret_reply);
        reply_release(ret_reply);
    }
    return status;
}

static void trail_render(const struct reply *reply, bool json)
{
    if (json)
        (void)printf("%s\n", reply->body.data);
    else
        table_print(stdout, trail_columns, ARRAY_LEN(trail_columns), json_get(reply->json, "entries"));
}

int trail_print(const struct context *context, const char *order_id, bool json)
{
    struct reply reply = {0};
    int status = trail_get(context, order_id, &reply);
    if (status != 0)
        return status;
    trail_render(&reply, json);
    reply_release(&reply);
    return 0;
}

static int trail_wait_and_print(const struct context *context, const char *order_id, bool json)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS_MAX * 1000000;
    for (;;) {
        struct reply reply = {0};
        int status = trail_get(context, order_id, &reply);
        if (status != 0)
            return status;
        bool complete = trail_is_complete(json_get(reply.json, "entries"));
        if (complete || clock_monotonic_us() > end_us)
            trail_render(&reply, json);
        reply_release(&reply);
        if (complete)
            return 0;
        if (clock_monotonic_us() > end_us)
            return trouble("the trail of order %s is not complete after %d s", order_id, WAIT_SECONDS_MAX);
        pause_ms(WAIT_STEP_MS);
    }
}

struct submit_options {
    const char *time_in_force, *price, *stop_loss, *take_profit, *key;
    bool wait, trail, json;
};

void order_append_member(struct buffer *body, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_format(body, "%s\"%s\":", body->length > 1 ? "," : "", name);
    buffer_append_json_text(body, value, strlen(value));
}

static int submit_parse(int argc, char **argv, struct submit_options *ret_options)
{
    static const struct option options[] = {
        {"tif", required_argument, NULL, 't'},
        {"price", required_argument, NULL, 'p'},
        {"stop-loss", required_argument, NULL, 's'},
        {"take-profit", required_argument, NULL, 'g'},
        {"key", required_argument, NULL, 'k'},
        {"wait", no_argument, NULL, 'w'},
        {"trail", no_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct submit_options result = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 't':
            result.time_in_force = optarg;
            break;
        case 'p':
            result.price = optarg;
            break;
        case 's':
            result.stop_loss = optarg;
            break;
        case 'g':
            result.take_profit = optarg;
            break;
        case 'k':
            result.key = optarg;
            break;
        case 'w':
            result.wait = true;
            break;
        case 'a':
            result.trail = true;
            break;
        case 'j':
            result.json = true;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 4)
        return usage_error("submit takes SYMBOL, BUY or SELL, QUANTITY, and MARKET, LIMIT or STOP");
    *ret_options = result;
    return 0;
}

static int submit_follow(const struct context *context, const char *order_id,
                         const struct submit_options *options)
{
    int status = 0;
    if (options->wait)
        status = order_wait(context, order_id);
    if (status == 0)
        status = order_show(context, order_id, options->json);
    if (status == 0 && options->trail)
        status = options->wait ? trail_wait_and_print(context, order_id, options->json)
                               : trail_print(context, order_id, options->json);
    return status;
}

int orders_submit(const struct context *context, int argc, char **argv)
{
    struct submit_options options = {0};
    int status = submit_parse(argc, argv, &options);
    if (status != 0)
        return status;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
    buffer_append_char(&body, '{');
    order_append_member(&body, "symbol", argv[optind]);
    order_append_member(&body, "side", argv[optind + 1]);
    order_append_member(&body, "quantity", argv[optind + 2]);
    order_append_member(&body, "order_type", argv[optind + 3]);
    order_append_member(&body, "time_in_force", options.time_in_force);
    order_append_member(&body, "price", options.price);
    order_append_member(&body, "stop_loss", options.stop_loss);
    order_append_member(&body, "take_profit", options.take_profit);
    buffer_append_char(&body, '}');
    if (buffer_failed(&body))
        return usage_error("an argument is too long");
    struct reply reply = {0};
    status = http_request(context, "POST", "/api/v1/orders", body.data, options.key, &reply);
    if (status != 0)
        return status;
    if (reply.status != 201 && reply.status != 200)
        status = reply_refused(&reply);
    else
        status = submit_follow(context, json_text(reply.json, "id"), &options);
    reply_release(&reply);
    return status;
}

int orders_list(const struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        {"status", required_argument, NULL, 's'},
        {"symbol", required_argument, NULL, 'y'},
        {"limit", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
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
    char path[512];
    size_t length = (size_t)snprintf(path, sizeof(path), "/api/v1/orders?");
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char *name = option == 's' ? "status" : option == 'y' ? "symbol" : "limit";
        if (option == 'j')
            json = true;
        else if (option == '?' || strlen(optarg) > 40 || optarg[strcspn(optarg, "&#? %+")] != '\0')
            return usage_error("list: an option has no possible value");
        else
            length += (size_t)snprintf(path + length, sizeof(path) - length, "%s=%s&", name, optarg);
    }
    if (optind != argc)
        return usage_error("list takes no further argument");
    path[length - 1] = '\0';
    struct reply reply = {0};
    int status = http_request(context, "GET", path, NULL, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 200)
        status = reply_refused(&reply);
    else if (json)
        (void)printf("%s\n", reply.body.data);
    else
        table_print(stdout, columns, ARRAY_LEN(columns), json_get(reply.json, "orders"));
    reply_release(&reply);
    return status;
}

/* [--json] ORDER of show and audit. */
static int parse_order_argument(int argc, char **argv, bool *ret_json, const char **ret_order_id)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'j')
            return EXIT_USAGE;
        json = true;
    }
    if (argc - optind != 1 || !order_is_id(argv[optind]))
        return usage_error("%s takes the id of one order", argv[0]);
    *ret_json = json;
    *ret_order_id = argv[optind];
    return 0;
}

int orders_show(const struct context *context, int argc, char **argv)
{
    bool json = false;
    const char *order_id = NULL;
    int status = parse_order_argument(argc, argv, &json, &order_id);
    return status != 0 ? status : order_show(context, order_id, json);
}

int audit_command(const struct context *context, int argc, char **argv)
{
    bool json = false;
    const char *order_id = NULL;
    int status = parse_order_argument(argc, argv, &json, &order_id);
    return status != 0 ? status : trail_print(context, order_id, json);
}
