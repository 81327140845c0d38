/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log over HTTP: one order's trail, and the search of everyone's. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/operations/audit_reading.h"
#include "services/gateway/operations/operations.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, SCOPE_MAX = 192 };

#define PARAM(name, kind, member, low, high)                                                                 \
    {                                                                                                        \
        name, kind, offsetof(struct audit_reading, member), offsetof(struct audit_reading, has_##member),    \
            low, high                                                                                        \
    }

static const struct http_param search_params[] = {
    PARAM("trader_id", HTTP_PARAM_UUID, trader_id, 0, 0),
    PARAM("order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    PARAM("action", HTTP_PARAM_AUDIT_ACTION, action, 0, 0),
    PARAM("from", HTTP_PARAM_INSTANT, from, 0, 0),
    PARAM("to", HTTP_PARAM_INSTANT, to, 0, 0),
    PARAM("limit", HTTP_PARAM_INTEGER, limit, 1, LIMIT_MAX),
    PARAM("cursor", HTTP_PARAM_TEXT, cursor, 0, 0),
};

static void append_entries(struct buffer *body, const PGresult *entries, int count)
{
    const char *columns[AUDIT_COLUMNS];

    buffer_append_text(body, "\"entries\":[");
    for (int row = 0; row < count; row++) {
        if (row > 0)
            buffer_append_char(body, ',');
        audit_reading_columns(entries, row, columns);
        audit_entry_json(columns, body);
    }
    buffer_append_char(body, ']');
}

static void on_trail(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    /* As a trader the first step names the trader; as compliance there is no such step. */
    size_t order = request->claims.role == JWT_ROLE_COMPLIANCE ? 0 : 1;
    if (PQntuples(results[order]) == 0) {
        request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
        return;
    }
    buffer_clear(body);
    buffer_append_text(body, "{\"order_id\":");
    json_append_uuid(body, request->subject.id);
    buffer_append_char(body, ',');
    append_entries(body, results[order + 1], PQntuples(results[order + 1]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void audit_get_order(struct request *request)
{
    bool compliance = request->claims.role == JWT_ROLE_COMPLIANCE;
    struct gateway *gateway = request->gateway;
    struct db_job *job = compliance ? query_job(request) : query_as_trader(request);

    if (job == NULL)
        return;
    db_args_uuid(db_job_step(job, STATEMENT_GET_ORDER), request->subject.id);
    db_args_uuid(db_job_step(job, STATEMENT_LIST_AUDIT), request->subject.id);
    query_send(request, compliance ? gateway->compliance : gateway->traders, &job, on_trail);
}

/* Differs whenever the filters differ: a cursor belongs to them. */
static void write_scope(const struct audit_reading *reading, char scope[static SCOPE_MAX])
{
    char trader_id[UUID_TEXT_MAX], order_id[UUID_TEXT_MAX];

    uuid_format(reading->trader_id, trader_id);
    uuid_format(reading->order_id, order_id);
    (void)snprintf(scope, SCOPE_MAX, "audit;%s;%s;%d;%lld;%lld", reading->has_trader_id ? trader_id : "-",
                   reading->has_order_id ? order_id : "-", reading->has_action ? (int)reading->action : 0,
                   reading->has_from ? (long long)reading->from.us : -1,
                   reading->has_to ? (long long)reading->to.us : -1);
}

static void on_page(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    const PGresult *entries = audit_reading_entries(results);
    /* One row more than asked for tells whether there is a further page. */
    int count = PQntuples(entries);
    bool more = count > request->audit->limit;
    if (more)
        count = (int)request->audit->limit;
    buffer_clear(body);
    buffer_append_char(body, '{');
    append_entries(body, entries, count);
    buffer_append_text(body, ",\"next_cursor\":");
    if (more) {
        char scope[SCOPE_MAX], cursor[CURSOR_TEXT_MAX];
        write_scope(request->audit, scope);
        cursor_format_number(db_get_i64(entries, count - 1, AUDIT_COLUMN_LOG_SEQ), scope, cursor);
        json_append_text(body, cursor);
    } else {
        buffer_append_text(body, "null");
    }
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

static void on_range(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);

    if (request == NULL)
        return;
    audit_reading_take_range(request->audit, results);
    struct db_job *job = audit_reading_page(request->audit, request->audit->limit + 1);
    if (job == NULL)
        request_unavailable(request, "There is no memory left; try again shortly.");
    else
        query_send(request, gateway->compliance, &job, on_page);
}

void audit_search(struct request *request)
{
    struct audit_reading *reading = h2o_mem_alloc_pool(&request->req->pool, sizeof(*reading));
    struct faults faults;
    char scope[SCOPE_MAX];

    *reading = (struct audit_reading){.limit = LIMIT_DEFAULT};
    request->audit = reading;
    audit_reading_parse(request, search_params, ARRAY_LEN(search_params), &faults);
    write_scope(reading, scope);
    if (faults.count == 0 && reading->has_cursor &&
        cursor_parse_number(reading->cursor, strlen(reading->cursor), scope, &reading->after) < 0)
        faults_add(
            &faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
            "The parameter 'cursor' is none of this list's; pass on next_cursor with the same filters.");
    if (faults.count == 0)
        audit_reading_find_range(request, on_range);
    else
        request_answer_problem(request, REJECT_MALFORMED_REQUEST, faults.items[0].message, faults.items,
                               faults.count, NULL);
}
