/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/query.h"

#include <errno.h>

static struct query begin(struct request *request, struct db_pool *pool)
{
    return (struct query){
        .request = request, .pool = pool, .job = db_job_create(), .nowhere = {.values = {.error = -ENOMEM}}};
}

static struct db_args *prepare(struct query *query, enum statement statement)
{
    return query->job == NULL ? &query->nowhere : db_job_prepare(query->job, statement);
}

struct query query_as_subject(struct request *request)
{
    struct query query = begin(request, request->gateway->traders);

    db_args_text(prepare(&query, STATEMENT_SET_SUBJECT), request->claims.subject);
    return query;
}

struct query query_as_compliance(struct request *request)
{
    return begin(request, request->gateway->compliance);
}

struct query query_as_trader(struct request *request)
{
    struct query query = begin(request, request->gateway->traders);

    db_args_uuid(prepare(&query, STATEMENT_SET_TRADER), request->trader_id);
    return query;
}

struct query query_as_caller(struct request *request)
{
    return request->claims.role == JWT_ROLE_COMPLIANCE ? query_as_compliance(request)
                                                       : query_as_trader(request);
}

struct db_args *query_step(struct query *query, enum statement statement)
{
    return query->job == NULL ? &query->nowhere : db_job_step(query->job, statement);
}

void query_mark_heavy(struct query *query)
{
    if (query->job != NULL)
        db_job_mark_heavy(query->job);
}

static void on_done(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = request_find(&gateway->edge, token);

    if (request == NULL)
        return;
    if (error == 0)
        request->on_rows(request, results);
    else if (error == -ECANCELED)
        request_refuse(request, REJECT_INTERNAL,
                       "The database refused the query; report the request_id, then try again.");
    else
        request_unavailable(request, error == -ETIMEDOUT
                                         ? "The database did not answer in time; try again shortly."
                                         : "There is no connection to the database; try again shortly.");
}

void query_send_job(struct request *request, struct db_pool *pool, struct db_job **job, query_rows *on_rows)
{
    struct gateway *gateway = request->gateway;
    int64_t deadline_us = request->began_us + gateway->config->request_timeout_ms * 1000;

    if (*job == NULL) {
        request_unavailable(request, "There is no memory left; try again shortly.");
        return;
    }
    if (!request_park(request)) {
        db_job_destroy(job);
        return;
    }
    request->on_rows = on_rows;
    if (db_pool_submit(pool, job, deadline_us, on_done, gateway, request->parked) < 0)
        request_unavailable(request, "Too many requests wait for the database; try again shortly.");
}

void query_send(struct query *query, query_rows *on_rows)
{
    query_send_job(query->request, query->pool, &query->job, on_rows);
}

bool query_found(struct request *request, const PGresult *rows, const char *detail)
{
    if (PQntuples(rows) > 0)
        return true;
    request_refuse(request, REJECT_NOT_FOUND, detail);
    return false;
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
