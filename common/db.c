/* SPDX-License-Identifier: Apache-2.0 */
/* One PostgreSQL connection in pipeline mode: see db.h.
 *
 * Long: one connection in pipeline mode; its states depend on each other. */
#include "common/db.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum {
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 400,
    ERROR_MAX = 512, /* bytes of db_error */
    SQLSTATE_LENGTH = 5,
    DRAIN_READS_MAX = 16,
    /* A server that is slow to answer is waited for, over several calls: one
     * that is left alone after a second has the work all the same, and with
     * every client coming again it would never get to the end of it. */
    ATTEMPT_MAX_MS = 20000,
};

enum stage { STAGE_NONE, STAGE_CONNECTING, STAGE_PREPARING, STAGE_READY };

/* No statement has this name: sending it fails the batch,
 * which is what a batch that cannot be completed needs. */
static const char abort_name[] = "oxe_abort_batch";

struct db {
    char *conninfo;
    char *application_name;
    char *password; /* of the conninfo, so that no error shows it; NULL: none */
    const struct db_statement *statements;
    size_t statement_count;
    PGconn *connection;
    enum stage stage;
    PostgresPollingStatusType polling; /* of STAGE_CONNECTING */
    int prepare_error;                 /* of STAGE_PREPARING */
    int64_t attempt_until_us;
    uint64_t generation;
    int backoff_ms;
    int64_t retry_at_us; /* CLOCK_MONOTONIC */
    bool in_batch;
    int batch_error; /* the first failed db_send of this batch */
    bool is_alone;   /* a COMMIT of this batch was not waited for by its synchronous standby */
    size_t sent_count;
    PGresult *results[DB_PIPELINE_MAX];
    struct db_args args; /* db_args_begin */
    char sqlstate[SQLSTATE_LENGTH + 1];
    char error[ERROR_MAX];
};

static int64_t deadline_after(int timeout_ms)
{
    return clock_monotonic_us() + (int64_t)timeout_ms * 1000;
}

/* One line, without the password. */
static void set_error(struct db *db, const char *text)
{
    size_t length = 0;

    for (; *text != '\0' && length < ERROR_MAX - 1; text++)
        db->error[length++] = (char)(*text == '\n' || *text == '\t' ? ' ' : *text);
    while (length > 0 && db->error[length - 1] == ' ')
        length--;
    db->error[length] = '\0';
    for (char *found; db->password != NULL && (found = strstr(db->error, db->password)) != NULL;)
        memset(found, '*', strlen(db->password));
}

static void clear_results(struct db *db)
{
    for (size_t i = 0; i < db->sent_count; i++) {
        PQclear(db->results[i]);
        db->results[i] = NULL;
    }
    db->sent_count = 0;
}

/* A password with an unescaped @ or : spills into these, and from there into libpq's messages. */
static bool is_spilt(const PQconninfoOption *option)
{
    if (option->val == NULL)
        return false;
    if (strcmp(option->keyword, "port") == 0)
        return strspn(option->val, "0123456789,") < strlen(option->val);
    return strcmp(option->keyword, "host") == 0 && option->val[0] != '@' && strchr(option->val, '@') != NULL;
}

/* The password of the conninfo, the caller's to free; NULL when there is none. */
static int read_password(const char *conninfo, char **ret_password)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    char *password = NULL;
    bool spilt = false;

    PQfreemem(message); /* may quote the password */
    if (options == NULL)
        return -EINVAL;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        spilt |= is_spilt(option);
        /* A password of asterisks needs no hiding, and hiding it would not end. */
        if (strcmp(option->keyword, "password") == 0 && option->val != NULL &&
            strspn(option->val, "*") < strlen(option->val) && password == NULL)
            password = strdup(option->val);
    }
    PQconninfoFree(options);
    if (spilt) {
        free(password);
        return -EINVAL;
    }
    *ret_password = password;
    return 0;
}

int db_create(const char *conninfo, const char *application_name, const struct db_statement *statements,
              size_t statement_count, struct db **ret_db)
{
    CLEANUP(db_destroy) struct db *db = calloc(1, sizeof(*db));

    if (db == NULL)
        return -ENOMEM;
    int r = read_password(conninfo, &db->password);
    if (r < 0)
        return r;
    db->conninfo = strdup(conninfo);
    db->application_name = strdup(application_name);
    db->statements = statements;
    db->statement_count = statement_count;
    if (db->conninfo == NULL || db->application_name == NULL)
        return -ENOMEM;
    *ret_db = db;
    db = NULL;
    return 0;
}

void db_destroy(struct db **db)
{
    if (*db == NULL)
        return;
    db_disconnect(*db);
    clear_results(*db);
    db_args_release(&(*db)->args);
    if ((*db)->password != NULL)
        explicit_bzero((*db)->password, strlen((*db)->password));
    if ((*db)->conninfo != NULL)
        explicit_bzero((*db)->conninfo, strlen((*db)->conninfo));
    free((*db)->password);
    free((*db)->conninfo);
    free((*db)->application_name);
    free(*db);
    *db = NULL;
}

void db_disconnect(struct db *db)
{
    PQfinish(db->connection);
    db->connection = NULL;
    db->stage = STAGE_NONE;
}

/* Keeps what libpq says and closes: nothing more can come of this connection. */
static int lose_connection(struct db *db)
{
    set_error(db, PQerrorMessage(db->connection));
    db_disconnect(db);
    return -ENOTCONN;
}

static int run_out_of_time(struct db *db, const char *error)
{
    set_error(db, error);
    db_disconnect(db);
    return -ETIMEDOUT;
}

/* Waits for the socket; 0 or -ETIMEDOUT. */
static int wait_socket(const struct db *db, short events, int64_t deadline_us)
{
    for (;;) {
        struct pollfd item = {.fd = PQsocket(db->connection), .events = events};
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return -ETIMEDOUT;
        int r = poll(&item, 1, (int)(left_us / 1000) + 1);
        if (r > 0)
            return 0;
        if (r < 0 && errno != EINTR)
            return -errno;
    }
}

static int start_connection(struct db *db)
{
    const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
    const char *const values[] = {db->conninfo, db->application_name, "UTF8", NULL};

    db->connection = PQconnectStartParams(keywords, values, 1);
    if (db->connection == NULL)
        return -ENOMEM;
    if (PQstatus(db->connection) == CONNECTION_BAD)
        return lose_connection(db);
    db->stage = STAGE_CONNECTING;
    db->polling = PGRES_POLLING_WRITING;
    db->attempt_until_us = deadline_after(ATTEMPT_MAX_MS);
    return 0;
}

/* -ETIMEDOUT: not yet; the next call goes on. */
static int go_on_connecting(struct db *db, int64_t deadline_us)
{
    while (db->polling != PGRES_POLLING_OK) {
        if (db->polling == PGRES_POLLING_FAILED)
            return lose_connection(db);
        short events = db->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (wait_socket(db, events, deadline_us) < 0)
            return -ETIMEDOUT;
        db->polling = PQconnectPoll(db->connection);
    }
    return PQsetnonblocking(db->connection, 1) == 0 ? 0 : lose_connection(db);
}

/* Writes what is queued and reads until the next result is there; -ETIMEDOUT when the deadline passes. */
static int flush_and_read(struct db *db, int64_t deadline_us)
{
    for (;;) {
        int unsent = PQflush(db->connection);
        if (unsent < 0)
            return lose_connection(db);
        if (!PQisBusy(db->connection))
            return 0;
        short events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
        if (wait_socket(db, events, deadline_us) < 0)
            return -ETIMEDOUT;
        if (!PQconsumeInput(db->connection))
            return lose_connection(db);
    }
}

static int await_result(struct db *db, int64_t deadline_us)
{
    int r = flush_and_read(db, deadline_us);

    return r == -ETIMEDOUT ? run_out_of_time(db, "the server took too long") : r;
}

/* FATAL and PANIC end the session: whatever the state says, the server is gone. */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

static int note_failure(struct db *db, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (sqlstate == NULL || ends_session(result) || PQstatus(db->connection) == CONNECTION_BAD) {
        set_error(db, PQresultErrorMessage(result));
        db_disconnect(db);
        return -ENOTCONN;
    }
    set_error(db, PQresultErrorMessage(result));
    (void)strncpy(db->sqlstate, sqlstate, SQLSTATE_LENGTH);
    return -ECANCELED;
}

/* Takes one result of the pipeline into results[index] (when there is a place for it). Sets *ret_synced at
 * the Sync. */
static int take_result(struct db *db, size_t *index, bool *had_result, bool *ret_synced)
{
    PGresult *result = PQgetResult(db->connection);
    int r = 0;

    if (result == NULL) { /* the end of one statement */
        if (PQstatus(db->connection) == CONNECTION_BAD)
            return lose_connection(db);
        *index += *had_result;
        *had_result = false;
        return 0;
    }
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        *ret_synced = true;
        break;
    case PGRES_PIPELINE_ABORTED:
        *had_result = true;
        break;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        *had_result = true;
        if (*index < db->sent_count) {
            PQclear(db->results[*index]);
            db->results[*index] = result;
            result = NULL;
        }
        break;
    default:
        *had_result = true;
        r = note_failure(db, result);
    }
    PQclear(result);
    return r;
}

/* Sends the Sync and takes every result up to it. A failed statement is noted; the reading goes on, so that
 * the connection is clean afterwards. */
static int sync_pipeline(struct db *db, int64_t deadline_us)
{
    size_t index = 0;
    bool had_result = false, synced = false;
    int result = 0;

    if (!PQpipelineSync(db->connection))
        return lose_connection(db);
    while (!synced) {
        int r = await_result(db, deadline_us);
        if (r == 0)
            r = take_result(db, &index, &had_result, &synced);
        if (r < 0 && r != -ECANCELED)
            return r;
        if (r < 0)
            result = r;
    }
    return PQexitPipelineMode(db->connection) ? result : lose_connection(db);
}

static int start_preparing(struct db *db)
{
    if (!PQenterPipelineMode(db->connection))
        return lose_connection(db);
    for (size_t i = 0; i < db->statement_count; i++) {
        if (!PQsendPrepare(db->connection, db->statements[i].name, db->statements[i].sql, 0, NULL))
            return lose_connection(db);
    }
    if (!PQpipelineSync(db->connection))
        return lose_connection(db);
    db->stage = STAGE_PREPARING;
    db->prepare_error = 0;
    return 0;
}

/* -ETIMEDOUT: not yet; the next call goes on. */
static int go_on_preparing(struct db *db, int64_t deadline_us)
{
    size_t index = 0;
    bool had_result = false, synced = false;

    while (!synced) {
        int r = flush_and_read(db, deadline_us);
        if (r == 0)
            r = take_result(db, &index, &had_result, &synced);
        if (r < 0 && r != -ECANCELED)
            return r;
        if (r < 0)
            db->prepare_error = r;
    }
    if (!PQexitPipelineMode(db->connection))
        return lose_connection(db);
    return db->prepare_error;
}

/* Libraries do not write to standard error. One warning matters: somebody (pg_cancel_backend) ended a
 * COMMIT's wait for the synchronous standby. It is then durable on this server alone. */
static void hear_notice(void *data, const PGresult *result)
{
    struct db *db = data;
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    db->is_alone |= function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0;
}

static void back_off(struct db *db)
{
    db->backoff_ms = db->backoff_ms == 0 ? BACKOFF_MIN_MS : 2 * db->backoff_ms;
    if (db->backoff_ms > BACKOFF_MAX_MS)
        db->backoff_ms = BACKOFF_MAX_MS;
    db->retry_at_us = deadline_after(db->backoff_ms);
}

/* From where the last call left the attempt. */
static int go_on(struct db *db, int64_t deadline_us)
{
    int r = 0;

    if (db->stage == STAGE_NONE)
        r = start_connection(db);
    if (r == 0 && db->stage == STAGE_CONNECTING) {
        r = go_on_connecting(db, deadline_us);
        if (r == 0) {
            (void)PQsetNoticeReceiver(db->connection, hear_notice, db);
            r = start_preparing(db);
        }
    }
    return r == 0 ? go_on_preparing(db, deadline_us) : r;
}

int db_ensure(struct db *db, int timeout_ms)
{
    if (db_connected(db))
        return 0;
    if (db_retry_in_ms(db) > 0)
        return -ENOTCONN;
    if (db->stage == STAGE_READY)
        db_disconnect(db);
    db->in_batch = false;
    db->sqlstate[0] = '\0';
    clear_results(db);
    int r = go_on(db, deadline_after(timeout_ms));
    if (r == -ETIMEDOUT) {
        set_error(db, "connecting took too long");
        if (clock_monotonic_us() < db->attempt_until_us) {
            db->retry_at_us = deadline_after(BACKOFF_MIN_MS);
            return -ENOTCONN;
        }
    }
    if (r < 0) {
        db_disconnect(db);
        back_off(db);
        return r == -ECANCELED || r == -ENOMEM ? r : -ENOTCONN;
    }
    db->stage = STAGE_READY;
    db->backoff_ms = 0;
    db->generation++;
    return 0;
}

int db_retry_in_ms(const struct db *db)
{
    int64_t left_us = db->retry_at_us - clock_monotonic_us();

    return db_connected(db) || left_us <= 0 ? 0 : (int)(left_us / 1000) + 1;
}

bool db_connected(const struct db *db)
{
    return db->stage == STAGE_READY && PQstatus(db->connection) == CONNECTION_OK;
}

uint64_t db_generation(const struct db *db)
{
    return db->generation;
}

int db_fd(const struct db *db)
{
    return db_connected(db) ? PQsocket(db->connection) : -1;
}

int db_check(struct db *db)
{
    if (!db_connected(db))
        return -ENOTCONN;
    /* The server's last words and its end arrive apart: read until there is nothing more. */
    for (int i = 0; i < DRAIN_READS_MAX; i++) {
        struct pollfd item = {.fd = PQsocket(db->connection), .events = POLLIN};
        if (poll(&item, 1, 0) <= 0)
            return 0;
        if (!PQconsumeInput(db->connection))
            return lose_connection(db);
        (void)PQisBusy(db->connection); /* parses, so that a notification is found and an error is heard */
        if (!db_connected(db))
            return lose_connection(db);
    }
    return 0;
}

struct db_args *db_args_begin(struct db *db)
{
    db_args_clear(&db->args);
    return &db->args;
}

int db_pipeline_begin(struct db *db)
{
    /* A batch that was begun and left: its statements may be on their way, so the session cannot be used. */
    if (db->in_batch)
        db_disconnect(db);
    db->in_batch = false;
    db->batch_error = 0;
    db->is_alone = false;
    db->sqlstate[0] = '\0';
    db->error[0] = '\0';
    clear_results(db);
    if (!db_connected(db))
        return -ENOTCONN;
    if (!PQenterPipelineMode(db->connection))
        return lose_connection(db);
    db->in_batch = true;
    return 0;
}

static int send_statement(struct db *db, size_t statement, const struct db_args *args)
{
    const char *values[DB_PARAMETERS_MAX];
    size_t count = args != NULL ? args->count : 0;

    if (!db_connected(db))
        return -ENOTCONN;
    if (db->sent_count == DB_PIPELINE_MAX)
        return -ENOBUFS;
    if (args != NULL && buffer_failed(&args->values))
        return args->values.error;
    for (size_t i = 0; i < count; i++)
        values[i] = args->nulls[i] ? NULL : args->values.data + args->offsets[i];
    if (!PQsendQueryPrepared(db->connection, db->statements[statement].name, (int)count, values,
                             args == NULL ? NULL : args->lengths, args == NULL ? NULL : args->formats, 0))
        return lose_connection(db);
    return (int)db->sent_count++;
}

int db_send(struct db *db, size_t statement, const struct db_args *args)
{
    assert(db->in_batch);
    assert(statement < db->statement_count);
    assert(args == NULL || !args->in_array);
    if (db->batch_error < 0)
        return db->batch_error;
    int r = send_statement(db, statement, args);
    if (r < 0)
        db->batch_error = r;
    return r;
}

/* Leaves no transaction open behind a failed batch. The batch's own error stands, whatever comes of this:
 * without a connection the server rolls back by itself. */
static void roll_back(struct db *db, int64_t deadline_us)
{
    PGresult *result;

    if (!db_connected(db) || PQtransactionStatus(db->connection) != PQTRANS_INERROR)
        return;
    if (!PQsendQuery(db->connection, "ROLLBACK")) {
        db_disconnect(db);
        return;
    }
    do {
        char error[ERROR_MAX];
        memcpy(error, db->error, sizeof(error));
        int r = await_result(db, deadline_us);
        memcpy(db->error, error, sizeof(error));
        if (r < 0)
            return;
        result = PQgetResult(db->connection);
        if (result != NULL && PQresultStatus(result) != PGRES_COMMAND_OK)
            db_disconnect(db);
        PQclear(result);
    } while (result != NULL && db->connection != NULL);
}

int db_pipeline_end(struct db *db, int timeout_ms)
{
    int64_t deadline_us = deadline_after(timeout_ms);

    assert(db->in_batch);
    db->in_batch = false;
    if (!db_connected(db)) {
        db_disconnect(db);
        return -ENOTCONN;
    }
    if (db->batch_error < 0 && !PQsendQueryPrepared(db->connection, abort_name, 0, NULL, NULL, NULL, 0))
        return lose_connection(db);
    int r = sync_pipeline(db, deadline_us);
    if (r == -ECANCELED)
        roll_back(db, deadline_us);
    if (r == -ECANCELED && db->batch_error < 0) {
        db->sqlstate[0] = '\0';
        set_error(db, "the batch could not be sent whole and was thrown away");
        return db->batch_error;
    }
    if (r == 0 && db->is_alone)
        return run_out_of_time(db, "the wait for the synchronous standby was ended");
    return r;
}

const PGresult *db_result(const struct db *db, size_t index)
{
    assert(index < DB_PIPELINE_MAX);
    return index < db->sent_count ? db->results[index] : NULL;
}

int db_run(struct db *db, size_t statement, const struct db_args *args, int timeout_ms,
           const PGresult **ret_result)
{
    int r = db_pipeline_begin(db);

    if (r < 0)
        return r;
    (void)db_send(db, statement, args); /* its failure is the batch's */
    r = db_pipeline_end(db, timeout_ms);
    if (r == 0 && ret_result != NULL)
        *ret_result = db_result(db, 0);
    return r;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

const char *db_error(const struct db *db)
{
    return db->error;
}
