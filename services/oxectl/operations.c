/* What an operator sees of the inside: lanes, orders in doubt, and what was put aside; from PostgreSQL, as
 * oxe_operations. */
#include <stdlib.h>
#include <string.h>

#include "services/oxectl/database.h"

#include "list_aside.sql.h"
#include "list_doubts.sql.h"
#include "list_lanes.sql.h"

enum { ROWS_DEFAULT = 100, ROWS_MAX = 10000 };

enum { STATEMENT_ASIDE, STATEMENT_DOUBTS, STATEMENT_LANES, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_ASIDE] = {"list_aside", sql_list_aside},
    [STATEMENT_DOUBTS] = {"list_doubts", sql_list_doubts},
    [STATEMENT_LANES] = {"list_lanes", sql_list_lanes},
};

static const struct column aside_columns[] = {
    {"ID", "id", true},
    {"TIME", "created_at", false},
    {"SERVICE", "service", false},
    {"KIND", "kind", false},
    {"ORDER", "order_id", false},
    {"EXECUTION", "venue_exec_id", false},
    {"QUANTITY", "quantity", true},
    {"PRICE", "price", true},
    {"DETAIL", "detail", false},
};
static const struct column doubt_columns[] = {
    {"ORDER", "id", false},
    {"SIDE", "side", false},
    {"QUANTITY", "quantity", true},
    {"SYMBOL", "symbol", false},
    {"FILLED", "filled_quantity", true},
    {"SENT", "attempts", true},
    {"STATE", "execution_state", false},
    {"STATUS", "status", false},
    {"REASON", "reason", false},
    {"NEXT CHECK", "next_check_at", false},
    {"LANE", "lane", true},
    {"COMMANDS", "commands", false},
};
static const struct column lane_columns[] = {
    {"LANE", "lane", true},
    {"STATE", "state", false},
    {"OWNER", "owner", false},
    {"BEAT AGE S", "beat_age_s", true},
    {"EPOCH", "epoch", true},
    {"NEXT IN", "next_in", true},
    {"OUT RESERVED", "out_seq", true},
    {"OPEN", "open_orders", true},
    {"COMMANDS", "commands", true},
    {"SINCE", "session_at", false},
    {"WHY", "why", false},
};

/* [--json] [--limit N], and where ret_since is not NULL [--since TIME] */
static int parse(int argc, char **argv, bool *ret_json, int64_t *ret_limit, const char **ret_since)
{
    bool json = false;
    int64_t limit = ROWS_DEFAULT;
    const char *since = NULL;
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--limit") == 0 && i + 1 < argc)
            limit = strtoll(argv[++i], &end, 10);
        else if (ret_since != NULL && strcmp(argv[i], "--since") == 0 && i + 1 < argc)
            since = argv[++i];
        else
            return usage_error("%s takes --json, --limit N%s", argv[0],
                               ret_since == NULL ? "" : " and --since TIME");
        if (end != NULL && (*end != '\0' || limit < 1 || limit > ROWS_MAX))
            return usage_error("%s: --limit is 1 to %d", argv[0], ROWS_MAX);
    }
    *ret_json = json;
    *ret_limit = limit;
    if (ret_since != NULL)
        *ret_since = since;
    return 0;
}

static int list(size_t statement, const struct column *columns, size_t column_count, int argc, char **argv)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    bool json = false;
    int64_t limit = 0;
    const char *since = NULL;
    int status = parse(argc, argv, &json, &limit, statement == STATEMENT_ASIDE ? &since : NULL);
    if (status == 0)
        status = database_open(statements, STATEMENT_COUNT, &db);
    db_args_i64(&args, limit);
    if (statement == STATEMENT_ASIDE)
        db_args_text(&args, since);
    if (status == 0)
        status = database_run(db, statement, &args, &result);
    return status == 0 ? database_print(result, json, columns, column_count) : status;
}

int aside_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    return list(STATEMENT_ASIDE, aside_columns, ARRAY_LEN(aside_columns), argc, argv);
}

int doubts_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    return list(STATEMENT_DOUBTS, doubt_columns, ARRAY_LEN(doubt_columns), argc, argv);
}

int lanes_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    return list(STATEMENT_LANES, lane_columns, ARRAY_LEN(lane_columns), argc, argv);
}
