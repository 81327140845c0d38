/* ORDER_EXECUTION_V2_ENABLED while the suite runs: shows and sets it in the database. */
#include <string.h>

#include "proto/feature.h"
#include "services/oxectl/database.h"

#include "list_flag_changes.sql.h"
#include "set_actor.sql.h"
#include "set_flag.sql.h"
#include "show_flag.sql.h"

enum { HISTORY_MAX = 1000 };

enum { STATEMENT_ACTOR, STATEMENT_SHOW, STATEMENT_SET, STATEMENT_HISTORY, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_ACTOR] = {"set_actor", sql_set_actor},
    [STATEMENT_SHOW] = {"show_flag", sql_show_flag},
    [STATEMENT_SET] = {"set_flag", sql_set_flag},
    [STATEMENT_HISTORY] = {"list_flag_changes", sql_list_flag_changes},
};

static const struct column now_columns[] = {
    {"FLAG", "flag", false},   {"VALUE", "value", true}, {"TIME", "changed_at", false},
    {"ACTOR", "actor", false}, {"ROLE", "role", false},
};
static const struct column history_columns[] = {
    {"TIME", "changed_at", false}, {"ACTOR", "actor", false},  {"ROLE", "role", false},
    {"BEFORE %", "before", true},  {"AFTER %", "after", true},
};

struct request {
    const char *value; /* NULL: only show */
    int percent;
    const char *actor;
    const char *reason;
    bool history;
    bool json;
};

static int parse(int argc, char **argv, struct request *request)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            request->json = true;
        else if (strcmp(argv[i], "--history") == 0)
            request->history = true;
        else if (strcmp(argv[i], "--actor") == 0 && i + 1 < argc)
            request->actor = argv[++i];
        else if (strcmp(argv[i], "--reason") == 0 && i + 1 < argc)
            request->reason = argv[++i];
        else if (argv[i][0] == '-')
            return usage_error("flag knows no option '%s'", argv[i]);
        else if (request->value != NULL)
            return usage_error("flag takes one value, not also '%s'", argv[i]);
        else
            request->value = argv[i];
    }
    if (request->value != NULL && feature_parse(request->value, &request->percent) < 0)
        return usage_error("the flag is false, true or a percentage from 0 to 100, such as 25%%, not '%s'",
                           request->value);
    if (request->history && request->value != NULL)
        return usage_error("--history only shows");
    return 0;
}

static int set(struct db *db, const struct request *request)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    int status = database_set_actor(db, STATEMENT_ACTOR, request->actor, request->reason);
    db_args_i64(&args, request->percent);
    return status == 0 ? database_run(db, STATEMENT_SET, &args, &result) : status;
}

static int show(struct db *db, const struct request *request)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    db_args_i64(&args, HISTORY_MAX);
    int status = database_run(db, request->history ? STATEMENT_HISTORY : STATEMENT_SHOW, &args, &result);
    if (status != 0)
        return status;
    return request->history
               ? database_print(result, request->json, history_columns, ARRAY_LEN(history_columns))
               : database_print(result, request->json, now_columns, ARRAY_LEN(now_columns));
}

int flag_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    struct request request = {.value = NULL};
    CLEANUP(db_destroy) struct db *db = NULL;
    int status = parse(argc, argv, &request);
    if (status == 0)
        status = database_open(statements, STATEMENT_COUNT, &db);
    if (status == 0 && request.value != NULL)
        status = set(db, &request);
    return status == 0 ? show(db, &request) : status;
}
