/* What is asked about an order that exists: its cancel, and operations' word on one that is in doubt. */
#include "services/oxectl/oxectl.h"

#include <getopt.h>
#include <string.h>

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

int cancel_command(const struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        {"wait", no_argument, NULL, 'w'}, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    bool wait = false, json = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        wait |= option == 'w';
        json |= option == 'j';
    }
    if (argc - optind != 1 || !order_is_id(argv[optind]))
        return usage_error("cancel takes the id of one order");
    struct reply reply = {0};
    int status = post(context, "orders", argv[optind], "cancel", NULL, &reply);
    if (status != 0)
        return status;
    if (!wait)
        print(&reply, json);
    reply_release(&reply);
    if (wait)
        status = order_wait(context, argv[optind]);
    return wait && status == 0 ? order_show(context, argv[optind], json) : status;
}

struct resolution {
    const char *reason, *quantity, *price, *exec_id;
    bool json;
};

static int resolve_parse(int argc, char **argv, struct resolution *ret_resolution)
{
    static const struct option options[] = {
        {"reason", required_argument, NULL, 'r'}, {"quantity", required_argument, NULL, 'q'},
        {"price", required_argument, NULL, 'p'},  {"exec-id", required_argument, NULL, 'e'},
        {"json", no_argument, NULL, 'j'},         {NULL, 0, NULL, 0},
    };
    struct resolution result = {0};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'r':
            result.reason = optarg;
            break;
        case 'q':
            result.quantity = optarg;
            break;
        case 'p':
            result.price = optarg;
            break;
        case 'e':
            result.exec_id = optarg;
            break;
        case 'j':
            result.json = true;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 2 || !order_is_id(argv[optind]))
        return usage_error("resolve takes the id of one order, and RETRY, REJECT, CANCEL or FILL");
    if (result.reason == NULL)
        return usage_error("resolve needs --reason: it stands in the audit trail");
    *ret_resolution = result;
    return 0;
}

int resolve_command(const struct context *context, int argc, char **argv)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
    struct resolution resolution = {0};

    int status = resolve_parse(argc, argv, &resolution);
    if (status != 0)
        return status;
    buffer_append_char(&body, '{');
    order_append_member(&body, "action", argv[optind + 1]);
    order_append_member(&body, "reason", resolution.reason);
    order_append_member(&body, "quantity", resolution.quantity);
    order_append_member(&body, "price", resolution.price);
    order_append_member(&body, "venue_exec_id", resolution.exec_id);
    buffer_append_char(&body, '}');
    if (buffer_failed(&body))
        return usage_error("an argument is too long");
    struct reply reply = {0};
    status = post(context, "admin/orders", argv[optind], "resolve", body.data, &reply);
    if (status != 0)
        return status;
    print(&reply, resolution.json);
    reply_release(&reply);
    return 0;
}
