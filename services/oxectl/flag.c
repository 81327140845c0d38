/* SPDX-License-Identifier: Apache-2.0 */
/* ORDER_EXECUTION_V2_ENABLED while the suite runs: shows and sets it in the database. */
#include <string.h>

#include "proto/feature.h"
#include "services/oxectl/database.h"

#include "flag_sql.h"

enum { HISTORY_MAX = 1000 };

static const struct column now_columns[] = {
    {"FLAG", "flag", false},   {"VALUE", "value", true}, {"TIME", "changed_at", false},
    {"ACTOR", "actor", false}, {"ROLE", "role", false},
};
static const struct column history_columns[] = {
    {"TIME", "changed_at", false}, {"ACTOR", "actor", false},  {"ROLE", "role", false},
    {"BEFORE %", "before", true},  {"AFTER %", "after", true},
};

/* on and off are true and false, as everywhere. */
static int parse(const struct args *args, int *ret_percent)
{
    const char *value = args_text(args, "[VALUE]");
    if (value == NULL)
        return 0;
    if (args_has(args, "--history"))
        return usage_error(args->command, "--history only shows");
    if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
        value = value[1] == 'n' ? "true" : "false";
    return feature_parse(value, ret_percent) == 0
               ? 0
               : usage_error(args->command,
                             "the flag is false, true or a percentage from 0 to 100, such as 25%%, not '%s'",
                             value);
}

static int set(struct db *db, const struct args *args, int percent)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    int status = database_set_actor(db, SQL_SET_ACTOR, args);
    db_args_i64(&values, percent);
    return status == 0 ? database_run(db, SQL_SET_FLAG, &values, &result) : status;
}

static int show(struct db *db, const struct args *args)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    bool history = args_has(args, "--history"), json = args_has(args, "--json");
    db_args_i64(&values, HISTORY_MAX);
    int status = database_run(db, history ? SQL_LIST_FLAG_CHANGES : SQL_SHOW_FLAG, &values, &result);
    if (status != 0)
        return status;
    return history ? database_print(result, json, history_columns, ARRAY_LEN(history_columns))
                   : database_print(result, json, now_columns, ARRAY_LEN(now_columns));
}

int flag_run(const struct context *context, const struct args *args)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    int percent = -1;
    int status = parse(args, &percent);
    if (status == 0)
        status = database_open(context, statements, SQL_COUNT, &db);
    if (status == 0 && percent >= 0)
        status = set(db, args, percent);
    return status == 0 ? show(db, args) : status;
}
