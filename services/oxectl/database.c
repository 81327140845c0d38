/* SPDX-License-Identifier: Apache-2.0 */
/* What commands share that ask PostgreSQL, as oxe_operations. */
#include "services/oxectl/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/oxectl/oxectl.h"

enum { TIMEOUT_MS = 10000 };

const char *database_connect(const char *conninfo, const struct db_statement *statements, size_t count,
                             int timeout_ms, struct db **ret_db)
{
    int r = conninfo == NULL ? -EINVAL : db_create(conninfo, "oxectl", statements, count, ret_db);
    if (r == 0)
        r = db_ensure(*ret_db, timeout_ms);
    return r == 0 ? NULL : *ret_db == NULL ? "OXE_DATABASE is no conninfo" : db_error(*ret_db);
}

int database_open(const struct context *context, const struct db_statement *statements, size_t count,
                  struct db **ret_db)
{
    const char *fault = database_connect(context->database, statements, count, TIMEOUT_MS, ret_db);
    return fault == NULL ? 0 : trouble("the database: %s", fault);
}

int database_run(struct db *db, size_t statement, const struct db_args *args, const PGresult **ret_result)
{
    return database_run_within(db, statement, args, TIMEOUT_MS, ret_result);
}

int database_run_within(struct db *db, size_t statement, const struct db_args *args, int timeout_ms,
                        const PGresult **ret_result)
{
    int r = db_run(db, statement, args, timeout_ms, ret_result);
    return r < 0 ? trouble("the database: %s", db_error(db)) : 0;
}

/* Who changes something: the first that is set and names a person. Who is behind sudo rather than the account
 * that it gives. NULL: nobody is named. */
static const char *person(const struct args *args)
{
    static const char *const names[] = {"OXE_ACTOR", "SUDO_USER", "USER", "LOGNAME"};
    static const char *const nobody[] = {"", "root", "oxe"};
    const char *actor = args_text(args, "--actor");
    for (size_t i = 0; actor == NULL && i < ARRAY_LEN(names); i++) {
        actor = getenv(names[i]);
        for (size_t n = 0; actor != NULL && n < ARRAY_LEN(nobody); n++)
            actor = strcmp(actor, nobody[n]) == 0 ? NULL : actor;
    }
    return actor != NULL || setting("OXE_DEVELOPMENT_KEYS", NULL) == NULL ? actor : "olga";
}

int database_set_actor(struct db *db, size_t statement, const struct args *args)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    const char *actor = person(args), *reason = args_text(args, "--reason");
    if (actor == NULL || *actor == '\0')
        return usage_error(args->command,
                           "say who you are: --actor NAME, or OXE_ACTOR; it stands in the audit log");
    db_args_text(&values, actor);
    db_args_text(&values, reason != NULL ? reason : "");
    return database_run(db, statement, &values, &result);
}

int database_rows(const PGresult *result, yajl_val *ret_rows)
{
    char error[256];
    *ret_rows = yajl_tree_parse(db_get_text(result, 0, 0), error, sizeof(error));
    return *ret_rows == NULL ? trouble("the database's answer is no JSON: %s", error) : 0;
}

int database_print(const PGresult *result, bool json, const struct column *columns, size_t column_count)
{
    yajl_val rows;
    if (json) {
        (void)printf("%s\n", db_get_text(result, 0, 0));
        return 0;
    }
    int status = database_rows(result, &rows);
    if (status == 0)
        table_print(stdout, columns, column_count, rows);
    yajl_tree_free(rows);
    return status;
}
