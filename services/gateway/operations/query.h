/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the database for a request: a few statements in one transaction, sent together.
 *
 * A query that has begun is sent; what goes wrong before (no memory, no slot, a full queue) or behind
 * query_send answers the request. */
#ifndef OXE_GATEWAY_QUERY_H
#define OXE_GATEWAY_QUERY_H

#include "services/gateway/gateway.h"

struct query {
    struct request *request;
    struct db_pool *pool;
    struct db_job *job;     /* NULL: no memory */
    struct db_args nowhere; /* takes the arguments then */
};

/* What runs with the results, one for each step of the caller. The request is parked still. */
typedef void query_rows(struct request *request, const PGresult *const *results);

/* As the request's trader. */
struct query query_as_trader(struct request *request);
/* As compliance, which reads everyone's rows. */
struct query query_as_compliance(struct request *request);
/* As compliance for those who have that role, else as the trader. */
struct query query_as_caller(struct request *request);
/* As the token's subject, whose trader is not known yet. */
struct query query_as_subject(struct request *request);

/* The arguments of one more statement, for the caller to fill. */
struct db_args *query_step(struct query *query, enum statement statement);
void query_mark_heavy(struct query *query);
/* Parks the request and sends the query. */
void query_send(struct query *query, query_rows *on_rows);
/* The same of a job that was made elsewhere. NULL: no memory. */
void query_send_job(struct request *request, struct db_pool *pool, struct db_job **job, query_rows *on_rows);

/* Whether there is a row; answers 404 with the detail otherwise. */
bool query_found(struct request *request, const PGresult *rows, const char *detail);

/* Arguments that are NULL unless they came. */
void query_add_uuid(struct db_args *args, bool has, struct uuid value);
void query_add_instant(struct db_args *args, bool has, struct instant value);

#endif
