/* SPDX-License-Identifier: Apache-2.0 */
/* Commits that must be on a second server too, and what may be said of one whose answer got lost. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/db.h"
#include "tests/support/postgres.h"
#include "transaction_id.sql.h"
#include "transaction_outcome.sql.h"

enum { WAIT_MS = 10000 };

enum statement { BEGIN, COMMIT, INSERT, COUNT, ID, OUTCOME };

static const struct db_statement statements[] = {
    [BEGIN] = {"begin", "BEGIN"},
    [COMMIT] = {"commit", "COMMIT"},
    [INSERT] = {"insert", "INSERT INTO notes VALUES (1)"},
    [COUNT] = {"count", "SELECT count(*) FROM notes"},
    [ID] = {"transaction_id", sql_transaction_id},
    [OUTCOME] = {"transaction_outcome", sql_transaction_outcome},
};

static struct postgres *server;
static struct db *db;
static PGconn *other; /* the superuser's */

static void end(void)
{
    PQfinish(other);
    db_destroy(&db);
    postgres_stop(&server);
}

static const char *run(const char *statement)
{
    static char value[64];
    PGresult *result = PQexec(other, statement);

    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK,
              "%s: %s", statement, PQerrorMessage(other));
    (void)snprintf(value, sizeof(value), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

static void begin(void)
{
    cr_assert_eq(postgres_start(&server), 0);
    other = PQconnectdb(postgres_conninfo(server));
    run("CREATE TABLE notes (id int8)");
    cr_assert_eq(db_create(postgres_conninfo(server), "test", statements, ARRAY_LEN(statements), &db), 0);
    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
}

/* The server waits for a standby that there is not. */
static void want_standby(const char *name)
{
    char statement[128];

    (void)snprintf(statement, sizeof(statement), "ALTER SYSTEM SET synchronous_standby_names = '%s'", name);
    run("SET synchronous_commit = local");
    run(statement);
    run("SELECT pg_reload_conf()");
    for (int i = 0; i < 500 && strcmp(run("SHOW synchronous_standby_names"), name) != 0; i++)
        (void)poll(NULL, 0, 10);
    (void)poll(NULL, 0, 200); /* the checkpointer hears of it a little later */
}

Test(db_standby, a_commit_whose_wait_for_the_standby_was_ended_is_not_called_done, .init = begin, .fini = end,
     .timeout = 120)
{
    want_standby("nobody");
    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, INSERT, NULL);
    pid_t child = fork(); /* cancels while this process waits */
    if (child == 0) {
        PGconn *canceller = PQconnectdb(postgres_conninfo(server));
        for (int i = 0, done = 0; i < 500 && done == 0; i++) {
            PGresult *result =
                PQexec(canceller,
                       "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            done = PQntuples(result);
            PQclear(result);
            (void)poll(NULL, 0, 10);
        }
        _exit(0);
    }
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ETIMEDOUT, "%s", db_error(db));
    cr_expect(!db_connected(db));
    cr_expect_not_null(strstr(db_error(db), "synchronous standby"));
    cr_expect_str_eq(run("SELECT count(*) FROM notes"), "1"); /* here alone */
}

static int outcome_of(const char *id, const char *history)
{
    struct db_args args = {0};
    const PGresult *result;

    db_args_text(&args, id);
    db_args_text(&args, history);
    int r = db_run(db, OUTCOME, &args, 500, &result);
    db_args_release(&args);
    if (r < 0)
        return r;
    return db_is_null(result, 0, 0) ? -ENODATA : db_get_bool(result, 0, 0);
}

Test(db_standby, an_outcome_is_known_in_the_same_history_alone_and_once_the_standby_has_it, .init = begin,
     .fini = end, .timeout = 120)
{
    char id[32], history[64];

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, BEGIN, NULL);
    (void)db_send(db, INSERT, NULL);
    int place = db_send(db, ID, NULL);
    (void)db_send(db, COMMIT, NULL);
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    (void)snprintf(id, sizeof(id), "%s", db_get_text(db_result(db, (size_t)place), 0, 0));
    (void)snprintf(history, sizeof(history), "%s", db_get_text(db_result(db, (size_t)place), 0, 1));
    cr_expect_eq(strncmp(history, "00000001 0/", 11), 0, "%s", history);
    cr_expect_eq(outcome_of(id, history), 1);
    cr_expect_eq(outcome_of(id, "00000002 0/1500028"), -ENODATA);
    want_standby("nobody");
    cr_expect_eq(outcome_of(id, history), -ETIMEDOUT);
    want_standby("");
    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
    cr_expect_eq(outcome_of(id, history), 1);
    run("CHECKPOINT"); /* as a server makes one that has recovered */
    cr_expect_eq(outcome_of(id, history), -ENODATA);
}
