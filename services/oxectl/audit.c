/* Compliance: searching everyone's audit trail, and exporting it. */
#include "services/oxectl/oxectl.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "common/cleanup.h"

enum { PATH_MAX_BYTES = 4096 };

/* The options' letters and what they are in the query. */
static const struct {
    int option;
    const char *parameter;
} parameters[] = {
    {'t', "trader_id"}, {'o', "order_id"}, {'a', "action"}, {'f', "from"},
    {'u', "to"},        {'l', "limit"},    {'c', "cursor"}, {'m', "format"},
};

static void append_parameter(struct buffer *path, int option, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
        if (parameters[i].option == option)
            buffer_append_format(path, "%c%s=", strchr(path->data, '?') == NULL ? '?' : '&',
                                 parameters[i].parameter);
    }
    for (; *value != '\0'; value++) {
        if (isalnum((unsigned char)*value) != 0 || strchr("-._", *value) != NULL)
            buffer_append_char(path, *value);
        else
            buffer_append_format(path, "%%%02X", (unsigned char)*value);
    }
}

/* The path with the query that the options make; 0, or EXIT_USAGE. */
static int read_options(int argc, char **argv, const struct option *options, struct buffer *path,
                        bool *ret_json)
{
    bool json = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return EXIT_USAGE;
        if (option == 'j')
            json = true;
        else
            append_parameter(path, option, optarg);
    }
    if (optind != argc)
        return usage_error("%s takes no further argument", argv[0]);
    if (buffer_failed(path))
        return usage_error("an argument is too long");
    *ret_json = json;
    return 0;
}

int audit_search_command(const struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        {"trader", required_argument, NULL, 't'},
        {"order", required_argument, NULL, 'o'},
        {"action", required_argument, NULL, 'a'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 'u'},
        {"limit", required_argument, NULL, 'l'},
        {"cursor", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    static const struct column columns[] = {
        {"SEQ", "log_seq", true},       {"RECORDED", "recorded_at", false}, {"ACTION", "action", false},
        {"TRADER", "trader_id", false}, {"ORDER", "order_id", false},       {"STATUS", "status", false},
        {"SYMBOL", "symbol", false},    {"QUANTITY", "quantity", true},     {"PRICE", "price", true},
        {"REASON", "reason", false},    {"ACTOR", "actor", false},          {"MESSAGE", "message", false},
    };
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_MAX_BYTES);
    struct reply reply = {0};
    bool json = false;

    buffer_append_text(&path, "/api/v1/audit");
    int status = read_options(argc, argv, options, &path, &json);
    if (status == 0)
        status = http_request(context, "GET", path.data, NULL, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 200 || reply.json == NULL)
        status = reply_refused(&reply);
    else if (json)
        (void)printf("%s\n", reply.body.data);
    else
        table_print(stdout, columns, ARRAY_LEN(columns), json_get(reply.json, "entries"));
    if (status == 0 && !json && YAJL_IS_STRING(json_get(reply.json, "next_cursor")))
        (void)fprintf(stderr, "more: --cursor %s\n", json_text(reply.json, "next_cursor"));
    reply_release(&reply);
    return status;
}

int audit_export_command(const struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        {"trader", required_argument, NULL, 't'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 'u'},
        {"format", required_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_MAX_BYTES);
    bool json;

    buffer_append_text(&path, "/api/v1/audit/export");
    int status = read_options(argc, argv, options, &path, &json);
    return status != 0 ? status : http_download(context, path.data, stdout);
}
