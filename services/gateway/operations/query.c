/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the database for a request: see gateway.h. */
#include <errno.h>

#include "proto/json.h"
#include "services/gateway/gateway.h"

struct db_job *query_job(struct request *request)
{
    struct db_job *job = db_job_create();

    if (job == NULL)
        request_unavailable(request, "There is no memory left; try again shortly.");
    return job;
}

struct db_job *query_as_trader(struct request *request)
{
    struct db_job *job = query_job(request);

    if (job == NULL)
        return NULL;
    db_args_uuid(db_job_step(job, STATEMENT_SET_TRADER), request->trader_id);
    return job;
}

void query_send(struct request *request, struct db_pool *pool, struct db_job **job, db_pool_done done)
{
    struct gateway *gateway = request->gateway;
    int64_t deadline_us = request->began_us + gateway->config->request_timeout_ms * 1000;

    if (!request_park(request)) {
        db_job_destroy(job);
        return;
    }
    if (db_pool_submit(pool, job, deadline_us, done, gateway, request->parked) < 0)
        request_unavailable(request, "Too many requests wait for the database; try again shortly.");
}

struct request *query_resume(struct gateway *gateway, uint64_t token, int error)
{
    struct request *request = parked_find(gateway->parked, token);

    if (request == NULL || error == 0)
        return request;
    if (error == -ECANCELED)
        request_refuse(request, REJECT_INTERNAL,
                       "The database refused the query; report the request_id, then try again.");
    else
        request_unavailable(request, error == -ETIMEDOUT
                                         ? "The database did not answer in time; try again shortly."
                                         : "There is no connection to the database; try again shortly.");
    return NULL;
}

void query_add_uuid(struct db_args *args, bool has, struct uuid value)
{
    if (has)
        db_args_uuid(args, value);
    else
        db_args_null(args);
}

void query_add_instant(struct db_args *args, bool has, struct instant value)
{
    if (has)
        db_args_instant(args, value);
    else
        db_args_null(args);
}

void query_append_number(struct buffer *out, const PGresult *result, int row, int column)
{
    json_append_numeric(out, db_is_null(result, row, column) ? NULL : PQgetvalue(result, row, column));
}
