/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one pool: connections, jobs and the queue between them. */
#include "services/gateway/io/db_pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/cleanup.h"
#include "services/gateway/io/watch.h"

enum {
    BACKOFF_MIN_US = 50 * 1000,
    BACKOFF_MAX_US = 400 * 1000,
    CONNECT_TIMEOUT_US = 5 * 1000 * 1000,
    SYNCS_PER_JOB = 2, /* after the statements, and after COMMIT */
};

/* What a read may cost at most; a client has its 503 before that. */
static const char query_canceled[] = "57014";
/* And no machine code: a range of numbers that the planner does not know seems dear to it, and compiling
 * takes longer than any read. */
static const char *const settings[] = {"SET statement_timeout = '5s'", "SET jit = off"};

struct db_job {
    STAILQ_ENTRY(db_job) in_list;
    int64_t deadline_us;
    db_pool_done done;
    void *context;
    uint64_t token;
    bool heavy;
    size_t step_count;
    size_t hidden; /* steps, the first ones, whose results are not shown */
    size_t statements[DB_POOL_STEPS_MAX];
    struct db_args args[DB_POOL_STEPS_MAX];
    PGresult *results[DB_POOL_STEPS_MAX];
    size_t result_count; /* of BEGIN and the steps, so far */
    int error;
};

struct job_list {
    STAILQ_HEAD(, db_job) jobs;
    size_t count;
};

enum state { DOWN, CONNECTING, PREPARING, READY };

struct connection {
    struct db_pool *pool;
    enum state state;
    PGconn *pg;
    struct watch *watch;
    int64_t retry_at_us; /* DOWN */
    int64_t deadline_us; /* CONNECTING, PREPARING */
    int64_t backoff_us;
    bool prepare_failed;
    struct job_list jobs; /* under way, oldest first */
    unsigned int syncs;   /* of the first job */
    bool heavy;           /* one of the jobs is */
};

struct db_pool {
    h2o_loop_t *loop;
    struct db_pool_options options;
    char *conninfo;
    struct job_list waiting, waiting_heavy;
    size_t connection_count;
    struct connection connections[];
};

static struct db_job *list_first(const struct job_list *list)
{
    return STAILQ_FIRST(&list->jobs);
}

static void list_push(struct job_list *list, struct db_job *job)
{
    STAILQ_INSERT_TAIL(&list->jobs, job, in_list);
    list->count++;
}

static struct db_job *list_pop(struct job_list *list)
{
    struct db_job *job = list_first(list);

    STAILQ_REMOVE_HEAD(&list->jobs, in_list);
    list->count--;
    return job;
}

struct db_job *db_job_create(void)
{
    return calloc(1, sizeof(struct db_job));
}

void db_job_destroy(struct db_job **job)
{
    if (*job == NULL)
        return;
    for (size_t i = 0; i < DB_POOL_STEPS_MAX; i++) {
        db_args_release(&(*job)->args[i]);
        PQclear((*job)->results[i]);
    }
    free(*job);
    *job = NULL;
}

struct db_args *db_job_step(struct db_job *job, size_t statement)
{
    assert(job->step_count < DB_POOL_STEPS_MAX);
    job->statements[job->step_count] = statement;
    return &job->args[job->step_count++];
}

struct db_args *db_job_prepare(struct db_job *job, size_t statement)
{
    assert(job->hidden == job->step_count);
    job->hidden++;
    return db_job_step(job, statement);
}

void db_job_mark_heavy(struct db_job *job)
{
    job->heavy = true;
}

static void finish_job(struct db_job *job, int error)
{
    const PGresult *results[DB_POOL_STEPS_MAX];

    for (size_t i = 0; i < DB_POOL_STEPS_MAX; i++)
        results[i] = job->results[i];
    job->done(job->context, job->token, error, error == 0 ? results + job->hidden : NULL);
    db_job_destroy(&job);
}

static void fail_all(struct job_list *list, int error)
{
    /* As many as there are now: who is told may ask again. */
    for (size_t left = list->count; left > 0; left--)
        finish_job(list_pop(list), error);
}

static void log_failure(const struct db_pool *pool, const char *event, const char *message)
{
    char line[256];
    size_t length = strcspn(message, "\n");

    if (length >= sizeof(line))
        length = sizeof(line) - 1;
    memcpy(line, message, length);
    line[length] = '\0';
    LOG(pool->options.log, LOG_WARNING, event, LOG_TEXT("pool", pool->options.name), LOG_TEXT("error", line));
}

/* Gives the connection up. What was under way fails with `error`. */
static void drop(struct connection *connection, int error)
{
    watch_destroy(&connection->watch);
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->state = DOWN;
    connection->syncs = 0;
    connection->heavy = false;
    connection->backoff_us = connection->backoff_us == 0               ? BACKOFF_MIN_US
                             : connection->backoff_us < BACKOFF_MAX_US ? connection->backoff_us * 2
                                                                       : BACKOFF_MAX_US;
    connection->retry_at_us = clock_monotonic_us() + connection->backoff_us;
    fail_all(&connection->jobs, error);
}

static void lose(struct connection *connection)
{
    /* Once, not with every attempt of an outage. */
    if (connection->backoff_us == 0)
        log_failure(connection->pool, "database_connection_lost", PQerrorMessage(connection->pg));
    drop(connection, -ENOTCONN);
}

static bool flush(struct connection *connection)
{
    int r = PQflush(connection->pg);

    if (r > 0)
        watch_want_write(connection->watch);
    return r >= 0;
}

static bool send_statement(struct connection *connection, size_t statement, const struct db_args *args)
{
    const char *values[DB_PARAMETERS_MAX];
    size_t count = args == NULL ? 0 : args->count;

    for (size_t i = 0; i < count; i++)
        values[i] = args->nulls[i] ? NULL : args->values.data + args->offsets[i];
    return PQsendQueryPrepared(connection->pg, connection->pool->options.statements[statement].name,
                               (int)count, values, args == NULL ? NULL : args->lengths,
                               args == NULL ? NULL : args->formats, 0) == 1;
}

/* COMMIT stands behind a Sync of its own: when a statement failed, it still runs, and ends the transaction.
 */
static bool send_job(struct connection *connection, const struct db_job *job)
{
    const struct db_pool_options *options = &connection->pool->options;

    if (!send_statement(connection, options->begin, NULL))
        return false;
    for (size_t i = 0; i < job->step_count; i++) {
        if (!send_statement(connection, job->statements[i], &job->args[i]))
            return false;
    }
    return PQpipelineSync(connection->pg) == 1 && send_statement(connection, options->commit, NULL) &&
           PQpipelineSync(connection->pg) == 1;
}

/* The first half of the connections, at least one, takes heavy jobs. */
static bool may_take(const struct db_pool *pool, const struct connection *connection, bool heavy)
{
    size_t index = (size_t)(connection - pool->connections), half = (pool->connection_count + 1) / 2;

    if (connection->state != READY || connection->jobs.count >= DB_POOL_PIPELINE_MAX)
        return false;
    if (heavy && (index >= half || connection->heavy))
        return false;
    return !connection->heavy || pool->connection_count == 1;
}

static struct connection *least_busy(struct db_pool *pool, bool heavy)
{
    struct connection *best = NULL;

    for (size_t i = 0; i < pool->connection_count; i++) {
        struct connection *connection = &pool->connections[i];
        if (may_take(pool, connection, heavy) && (best == NULL || connection->jobs.count < best->jobs.count))
            best = connection;
    }
    return best;
}

static void dispatch_list(struct db_pool *pool, struct job_list *waiting, bool heavy)
{
    while (waiting->count > 0) {
        struct connection *connection = least_busy(pool, heavy);
        if (connection == NULL)
            return;
        struct db_job *job = list_pop(waiting);
        connection->heavy |= heavy;
        list_push(&connection->jobs, job);
        if (!send_job(connection, job) || !flush(connection))
            lose(connection);
    }
}

static void dispatch(struct db_pool *pool)
{
    dispatch_list(pool, &pool->waiting, false);
    dispatch_list(pool, &pool->waiting_heavy, true);
}

static void take_result(struct connection *connection, PGresult *result)
{
    struct db_job *job = list_first(&connection->jobs);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;

    if (!good && job->error == 0) {
        const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        job->error = state != NULL && strcmp(state, query_canceled) == 0 ? -ETIMEDOUT : -ECANCELED;
        log_failure(connection->pool, "database_statement_failed", PQresultErrorMessage(result));
    }
    /* The first is BEGIN's; what comes behind the first Sync is COMMIT's. */
    size_t index = job->result_count++;
    if (good && connection->syncs == 0 && index > 0 && index <= job->step_count)
        job->results[index - 1] = result;
    else
        PQclear(result);
}

static void take_sync(struct connection *connection)
{
    if (++connection->syncs < SYNCS_PER_JOB)
        return;
    struct db_job *job = list_pop(&connection->jobs);
    connection->syncs = 0;
    if (job->heavy)
        connection->heavy = false;
    finish_job(job, job->error);
}

/* NULL: there is no more. One NULL of libpq stands between the results of two statements; two in a row mean
 * that there is none. */
static PGresult *next_result(const struct connection *connection)
{
    PGresult *result = NULL;

    for (int i = 0; i < 2 && result == NULL && !PQisBusy(connection->pg); i++)
        result = PQgetResult(connection->pg);
    return result;
}

static void read_jobs(struct connection *connection)
{
    PGresult *result;

    while (connection->state == READY && connection->jobs.count > 0 &&
           (result = next_result(connection)) != NULL) {
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            take_sync(connection);
        } else {
            take_result(connection, result);
        }
    }
}

static void read_prepared(struct connection *connection)
{
    PGresult *result;

    while ((result = next_result(connection)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR) {
            connection->prepare_failed = true;
            log_failure(connection->pool, "database_prepare_failed", PQresultErrorMessage(result));
        }
        PQclear(result);
        if (status != PGRES_PIPELINE_SYNC)
            continue;
        if (connection->prepare_failed) {
            drop(connection, -ENOTCONN);
            return;
        }
        connection->state = READY;
        connection->backoff_us = 0;
        return;
    }
}

static void on_readable(void *context);
static void on_writable(void *context);

static void prepare(struct connection *connection)
{
    const struct db_pool_options *options = &connection->pool->options;
    bool good = PQsetnonblocking(connection->pg, 1) == 0 && PQenterPipelineMode(connection->pg) == 1;

    for (size_t i = 0; i < ARRAY_LEN(settings) && good; i++)
        good = PQsendQueryParams(connection->pg, settings[i], 0, NULL, NULL, NULL, NULL, 0) == 1;
    for (size_t i = 0; i < options->statement_count && good; i++)
        good = PQsendPrepare(connection->pg, options->statements[i].name, options->statements[i].sql, 0,
                             NULL) == 1;
    connection->state = PREPARING;
    connection->prepare_failed = false;
    if (!good || PQpipelineSync(connection->pg) != 1 || !flush(connection))
        lose(connection);
}

/* libpq may take another socket with every step of a connect, so the watch is made anew. */
static void step_connect(struct connection *connection)
{
    PostgresPollingStatusType step = PQconnectPoll(connection->pg);

    watch_destroy(&connection->watch);
    if (step == PGRES_POLLING_FAILED ||
        watch_create(connection->pool->loop, PQsocket(connection->pg), on_readable, on_writable, connection,
                     &connection->watch) < 0) {
        lose(connection);
    } else if (step == PGRES_POLLING_OK) {
        prepare(connection);
    } else if (step == PGRES_POLLING_WRITING) {
        watch_want_write(connection->watch);
    }
}

static void on_readable(void *context)
{
    struct connection *connection = context;
    struct db_pool *pool = connection->pool;

    if (connection->state == CONNECTING) {
        step_connect(connection);
        return;
    }
    if (PQconsumeInput(connection->pg) != 1) {
        lose(connection);
        return;
    }
    if (connection->state == PREPARING)
        read_prepared(connection);
    if (connection->state == READY)
        read_jobs(connection);
    dispatch(pool);
}

static void on_writable(void *context)
{
    struct connection *connection = context;

    if (connection->state == CONNECTING)
        step_connect(connection);
    else if (connection->state != DOWN && !flush(connection))
        lose(connection);
}

static void connect_start(struct connection *connection, int64_t now_us)
{
    const struct db_pool *pool = connection->pool;
    const char *const keywords[] = {"dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {pool->conninfo, pool->options.application_name, "UTF8", NULL};

    connection->pg = PQconnectStartParams(keywords, values, 1);
    connection->state = CONNECTING;
    connection->deadline_us = now_us + CONNECT_TIMEOUT_US;
    if (connection->pg == NULL || PQstatus(connection->pg) == CONNECTION_BAD ||
        watch_create(pool->loop, PQsocket(connection->pg), on_readable, on_writable, connection,
                     &connection->watch) < 0) {
        lose(connection);
        return;
    }
    /* libpq begins with a wait for writing. */
    watch_want_write(connection->watch);
}

int db_pool_create(h2o_loop_t *loop, const struct db_pool_options *options, struct db_pool **ret_pool)
{
    assert(options->connections > 0 && options->connections <= DB_POOL_CONNECTIONS_MAX);
    struct db_pool *pool = calloc(1, sizeof(*pool) + options->connections * sizeof(pool->connections[0]));
    if (pool == NULL)
        return -ENOMEM;
    pool->loop = loop;
    pool->options = *options;
    pool->conninfo = strdup(options->conninfo);
    if (pool->conninfo == NULL) {
        free(pool);
        return -ENOMEM;
    }
    STAILQ_INIT(&pool->waiting.jobs);
    STAILQ_INIT(&pool->waiting_heavy.jobs);
    pool->connection_count = options->connections;
    for (size_t i = 0; i < pool->connection_count; i++) {
        pool->connections[i].pool = pool;
        STAILQ_INIT(&pool->connections[i].jobs.jobs);
    }
    *ret_pool = pool;
    return 0;
}

void db_pool_destroy(struct db_pool **pool)
{
    if (*pool == NULL)
        return;
    for (size_t i = 0; i < (*pool)->connection_count; i++) {
        if ((*pool)->connections[i].state != DOWN)
            drop(&(*pool)->connections[i], -ECONNABORTED);
    }
    fail_all(&(*pool)->waiting, -ECONNABORTED);
    fail_all(&(*pool)->waiting_heavy, -ECONNABORTED);
    explicit_bzero((*pool)->conninfo, strlen((*pool)->conninfo));
    free((*pool)->conninfo);
    free(*pool);
    *pool = NULL;
}

int db_pool_submit(struct db_pool *pool, struct db_job **job, int64_t deadline_us, db_pool_done done,
                   void *context, uint64_t token)
{
    struct job_list *waiting = (*job)->heavy ? &pool->waiting_heavy : &pool->waiting;
    int error = waiting->count >= pool->options.queue_max ? -ENOSPC : 0;

    for (size_t i = 0; i < (*job)->step_count && error == 0; i++)
        error = (*job)->args[i].values.error;
    if (error < 0) {
        db_job_destroy(job);
        return error;
    }
    (*job)->deadline_us = deadline_us;
    (*job)->done = done;
    (*job)->context = context;
    (*job)->token = token;
    list_push(waiting, *job);
    *job = NULL;
    /* A send that fails here would call done from within; the loop's next turn dispatches then. */
    return 0;
}

/* Whether no connection stands, and an attempt to open one anew has failed. Until that one fails, PostgreSQL
 * may only have restarted: a job waits for it. */
static bool is_away(const struct db_pool *pool)
{
    bool has_failed = false;

    for (size_t i = 0; i < pool->connection_count; i++) {
        if (pool->connections[i].state == READY)
            return false;
        has_failed |= pool->connections[i].backoff_us > BACKOFF_MIN_US;
    }
    return has_failed;
}

static void expire_waiting(struct db_pool *pool, struct job_list *waiting, int64_t now_us)
{
    if (is_away(pool))
        fail_all(waiting, -ENOTCONN);
    /* Deadlines lie equally far ahead, so the oldest is the first to pass. */
    while (waiting->count > 0 && list_first(waiting)->deadline_us <= now_us)
        finish_job(list_pop(waiting), -ETIMEDOUT);
}

void db_pool_tick(struct db_pool *pool, int64_t now_us)
{
    for (size_t i = 0; i < pool->connection_count; i++) {
        struct connection *connection = &pool->connections[i];
        bool connecting = connection->state == CONNECTING || connection->state == PREPARING;
        bool late = connecting
                        ? connection->deadline_us <= now_us
                        : connection->jobs.count > 0 && list_first(&connection->jobs)->deadline_us <= now_us;
        if (connection->state == DOWN && connection->retry_at_us <= now_us)
            connect_start(connection, now_us);
        else if (late)
            drop(connection, -ETIMEDOUT);
    }
    dispatch(pool);
    expire_waiting(pool, &pool->waiting, now_us);
    expire_waiting(pool, &pool->waiting_heavy, now_us);
}

size_t db_pool_ready(const struct db_pool *pool)
{
    size_t count = 0;

    for (size_t i = 0; i < pool->connection_count; i++)
        count += pool->connections[i].state == READY;
    return count;
}

size_t db_pool_pending(const struct db_pool *pool)
{
    size_t count = pool->waiting.count + pool->waiting_heavy.count;

    for (size_t i = 0; i < pool->connection_count; i++)
        count += pool->connections[i].jobs.count;
    return count;
}
