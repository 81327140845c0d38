/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator sees of the inside: lanes, orders in doubt, and what was put aside; from PostgreSQL, as
 * oxe_operations. */
#include "services/oxectl/database.h"

#include "operations_sql.h"

enum { ROWS_DEFAULT = 100 };

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
    {"EXPECTED", "in_expected", true},
    {"RECEIVED", "in_received", true},
    {"OURS", "out_next", true},
    {"ASKED FOR", "out_expected", true},
    {"SINCE", "session_at", false},
    {"WHY", "why", false},
};

/* $1 of each statement is the limit, $2 of list_aside the time. */
static int list(const struct context *context, const struct args *args, size_t statement, int64_t limit,
                const struct column *columns, size_t column_count)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    int status = database_open(context, statements, SQL_COUNT, &db);
    db_args_i64(&values, limit);
    if (statement == SQL_LIST_ASIDE)
        db_args_text(&values, args_text(args, "--since"));
    if (status == 0)
        status = database_run(db, statement, &values, &result);
    return status == 0 ? database_print(result, args_has(args, "--json"), columns, column_count) : status;
}

int operations_list_aside(const struct context *context, const struct args *args)
{
    return list(context, args, SQL_LIST_ASIDE, args_number(args, "--limit", ROWS_DEFAULT), aside_columns,
                ARRAY_LEN(aside_columns));
}

int operations_list_doubts(const struct context *context, const struct args *args)
{
    return list(context, args, SQL_LIST_DOUBTS, args_number(args, "--limit", ROWS_DEFAULT), doubt_columns,
                ARRAY_LEN(doubt_columns));
}

int operations_list_lanes(const struct context *context, const struct args *args)
{
    return list(context, args, SQL_LIST_LANES, ROWS_DEFAULT, lane_columns, ARRAY_LEN(lane_columns));
}
