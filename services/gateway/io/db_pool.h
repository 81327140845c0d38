/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL connections of one role on h2o's loop, for reads: asynchronous, pipelined, bounded.
 *
 * A job is a few statements in one transaction of its own: BEGIN, the statements, COMMIT go out together and
 * come back together, also when a statement fails, so that nothing of one caller is left for the next. Jobs
 * queue up to queue_max and fail when their deadline passes: -ETIMEDOUT, whether waiting or running (the
 * connection is then given up). Connections reopen with backoff (50 ms doubling to 400 ms).
 *
 * Jobs that may take long are marked heavy. Half of the connections take them, one each at a time, and no
 * other job is sent behind one: however many there are, the rest of the connections serves the others. (A
 * pool of one connection has no rest.) */
#ifndef OXE_GATEWAY_DB_POOL_H
#define OXE_GATEWAY_DB_POOL_H

#include <h2o.h>

#include "common/db.h"
#include "common/log.h"

enum {
    DB_POOL_CONNECTIONS_MAX = 32,
    DB_POOL_STEPS_MAX = 3,    /* statements of a job, without BEGIN and COMMIT */
    DB_POOL_PIPELINE_MAX = 8, /* jobs under way on one connection */
};

struct db_pool;
struct db_job;

struct db_pool_options {
    const char *name; /* in logs */
    const char *conninfo;
    const char *application_name;
    const struct db_statement *statements; /* borrowed, as are name and log */
    size_t statement_count;
    size_t begin; /* indexes of the statements that open and close a transaction */
    size_t commit;
    size_t connections;
    size_t queue_max;
    const struct log *log;
};

/* error: 0 and results[i] of step i (valid during the call only); -ETIMEDOUT; -ENOTCONN the connection broke;
 * -ETIMEDOUT, too, a statement took too long; -ECANCELED one failed otherwise (logged by the pool);
 * -ECONNABORTED the pool is being destroyed. token and context are the caller's. */
typedef void (*db_pool_done)(void *context, uint64_t token, int error, const PGresult *const *results);

/* Connects nothing yet: db_pool_tick does. -ENOMEM. */
int db_pool_create(h2o_loop_t *loop, const struct db_pool_options *options, struct db_pool **ret_pool);
/* Fails what is under way. */
void db_pool_destroy(struct db_pool **pool);

/* NULL: no memory. */
struct db_job *db_job_create(void);
void db_job_destroy(struct db_job **job);
/* Adds a statement; the caller fills the arguments. Asserts DB_POOL_STEPS_MAX. */
struct db_args *db_job_step(struct db_job *job, size_t statement);
/* One that comes before the steps, such as who asks: its result is not shown. */
struct db_args *db_job_prepare(struct db_job *job, size_t statement);

void db_job_mark_heavy(struct db_job *job);

/* Takes the job. done is called once, from the loop, never from within this call. -ENOSPC: the queue is
 * full (done is not called). deadline_us is monotonic. */
int db_pool_submit(struct db_pool *pool, struct db_job **job, int64_t deadline_us, db_pool_done done,
                   void *context, uint64_t token);

/* Deadlines and reconnects; call it every turn. */
void db_pool_tick(struct db_pool *pool, int64_t now_us);

/* How many connections can take work. */
size_t db_pool_ready(const struct db_pool *pool);
/* Jobs waiting and under way. */
size_t db_pool_pending(const struct db_pool *pool);

#endif
