/* Trading halts, for operations: list, set, lift. */
#include "services/oxectl/oxectl.h"

#include <getopt.h>
#include <string.h>

#include "common/cleanup.h"

#define HALTS_PATH "/api/v1/admin/halts"

static const struct column columns[] = {
    {"HALT", "id", false},       {"SCOPE", "scope", false},      {"TRADER", "trader_id", false},
    {"SYMBOL", "symbol", false}, {"SINCE", "created_at", false}, {"BY", "created_by", false},
    {"REASON", "reason", false},
};

int halts_command(const struct context *context, int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct reply reply = {0};
    bool json = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        json = true;
    }
    if (optind != argc)
        return usage_error("halts takes no arguments");
    int status = http_request(context, "GET", HALTS_PATH, NULL, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 200 || reply.json == NULL)
        status = reply_refused(&reply);
    else if (json)
        (void)printf("%s\n", reply.body.data);
    else
        table_print(stdout, columns, ARRAY_LEN(columns), json_get(reply.json, "halts"));
    reply_release(&reply);
    return status;
}

struct new_halt {
    const char *reason;
    bool cancel_open, json;
};

static int halt_parse(int argc, char **argv, struct new_halt *ret_halt)
{
    static const struct option options[] = {{"reason", required_argument, NULL, 'r'},
                                            {"cancel-open", no_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct new_halt halt = {0};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        if (option == 'r')
            halt.reason = optarg;
        halt.cancel_open |= option == 'c';
        halt.json |= option == 'j';
    }
    bool all = argc - optind == 1 && strcmp(argv[optind], "ALL") == 0;
    bool one =
        argc - optind == 2 && (strcmp(argv[optind], "TRADER") == 0 || strcmp(argv[optind], "SYMBOL") == 0);
    if (!all && !one)
        return usage_error("halt takes ALL, TRADER and the id of a trader, or SYMBOL and a symbol");
    if (halt.reason == NULL)
        return usage_error("halt needs --reason: it stands in the audit trail");
    *ret_halt = halt;
    return 0;
}

int halt_command(const struct context *context, int argc, char **argv)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(65536);
    struct reply reply = {0};
    struct new_halt halt = {0};

    int status = halt_parse(argc, argv, &halt);
    if (status != 0)
        return status;
    const char *scope = argv[optind], *whom = argv[optind + 1]; /* NULL after ALL */
    buffer_append_char(&body, '{');
    order_append_member(&body, "scope", scope);
    order_append_member(&body, "reason", halt.reason);
    order_append_member(&body, scope[0] == 'T' ? "trader_id" : "symbol", whom);
    buffer_append_text(&body, halt.cancel_open ? ",\"cancel_open\":true}" : "}");
    if (buffer_failed(&body))
        return usage_error("an argument is too long");
    status = http_request(context, "POST", HALTS_PATH, body.data, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 201 || reply.json == NULL)
        status = reply_refused(&reply);
    else if (halt.json)
        (void)printf("%s\n", reply.body.data);
    else
        (void)printf("%s\n", json_text(reply.json, "id"));
    reply_release(&reply);
    return status;
}

int resume_command(const struct context *context, int argc, char **argv)
{
    struct reply reply = {0};
    char path[128];

    if (argc != 2 || !order_is_id(argv[1]))
        return usage_error("resume takes the id of one halt; 'oxectl halts' lists them");
    (void)snprintf(path, sizeof(path), HALTS_PATH "/%s", argv[1]);
    int status = http_request(context, "DELETE", path, NULL, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 204)
        status = reply_refused(&reply);
    reply_release(&reply);
    return status;
}
