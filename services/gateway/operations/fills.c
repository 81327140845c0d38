/* SPDX-License-Identifier: Apache-2.0 */
/* listFills: the trader's executions, newest first. */
#include "services/gateway/operations/fills.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, SCOPE_MAX = 160, LOOKED_AT_MAX = 10000 /* fills, for a page */ };

static const struct http_param params[] = {
    {"symbol", HTTP_PARAM_SYMBOL, offsetof(struct list_query, symbol),
     offsetof(struct list_query, has_symbol), 0, 0},
    {"order_id", HTTP_PARAM_UUID, offsetof(struct list_query, order_id),
     offsetof(struct list_query, has_order_id), 0, 0},
    {"from", HTTP_PARAM_INSTANT, offsetof(struct list_query, from), offsetof(struct list_query, has_from), 0,
     0},
    {"to", HTTP_PARAM_INSTANT, offsetof(struct list_query, to), offsetof(struct list_query, has_to), 0, 0},
    {"limit", HTTP_PARAM_INTEGER, offsetof(struct list_query, limit), offsetof(struct list_query, has_limit),
     1, LIMIT_MAX},
    {"cursor", HTTP_PARAM_TEXT, offsetof(struct list_query, cursor), offsetof(struct list_query, has_cursor),
     0, 0},
};

void fills_render(struct buffer *out, const PGresult *fills, int rows)
{
    static const struct column columns[] = {
        {"{\"id\":", COLUMN_TEXT},
        {",\"order_id\":", COLUMN_TEXT},
        {",\"symbol\":", COLUMN_TEXT},
        {",\"side\":", COLUMN_TEXT},
        {",\"quantity_filled\":", COLUMN_NUMBER},
        {",\"price_at_fill\":", COLUMN_NUMBER},
        {",\"venue\":", COLUMN_TEXT},
        {",\"venue_exec_id\":", COLUMN_TEXT},
        {",\"timestamp\":", COLUMN_INSTANT},
    };

    rows_render(out, fills, rows, columns, (int)ARRAY_LEN(columns));
}

/* Differs whenever the filters differ: a cursor belongs to them. */
static void write_scope(const struct list_query *query, char scope[static SCOPE_MAX])
{
    char order[UUID_TEXT_MAX] = "";

    if (query->has_order_id)
        uuid_format(query->order_id, order);
    (void)snprintf(scope, SCOPE_MAX, "fills;%s;%s;%lld;%lld", query->symbol, order,
                   query->has_from ? (long long)query->from.us : -1,
                   query->has_to ? (long long)query->to.us : -1);
}

static void on_fills(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    /* One row more than asked for tells whether there is a further page. */
    int rows = PQntuples(results[1]);
    bool more = rows > request->list.limit;
    if (more)
        rows = (int)request->list.limit;
    /* Or the page has looked at as many as it may, and goes on from there. */
    bool stopped = !more && results[2] != NULL && PQntuples(results[2]) > 0;
    buffer_clear(body);
    buffer_append_text(body, "{\"fills\":");
    fills_render(body, results[1], rows);
    buffer_append_text(body, ",\"next_cursor\":");
    if (more || stopped) {
        char scope[SCOPE_MAX], cursor[CURSOR_TEXT_MAX];
        write_scope(&request->list, scope);
        cursor_format(stopped ? db_get_uuid(results[2], 0, 0) : db_get_uuid(results[1], rows - 1, 0), scope,
                      cursor);
        json_append_text(body, cursor);
    } else {
        buffer_append_text(body, "null");
    }
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

/* The query, checked; false when the request has been answered. */
static bool read_query(struct request *request, struct uuid *ret_after)
{
    struct list_query *query = &request->list;
    struct faults faults;
    char scope[SCOPE_MAX];

    query->limit = LIMIT_DEFAULT;
    request_read_params(request, params, ARRAY_LEN(params), query, &faults);
    write_scope(query, scope);
    if (faults.count == 0 && query->has_cursor &&
        cursor_parse(query->cursor, strlen(query->cursor), scope, ret_after) < 0)
        faults_add(
            &faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
            "The parameter 'cursor' is none of this list's; pass on next_cursor with the same filters.");
    if (faults.count > 0)
        request_refuse_params(request, &faults);
    return faults.count == 0;
}

void fills_list(struct request *request)
{
    const struct list_query *query = &request->list;
    struct uuid after;

    if (!read_query(request, &after))
        return;
    struct db_job *job = query_as_trader(request);
    if (job == NULL)
        return;
    struct db_args *args =
        db_job_step(job, query->has_order_id ? STATEMENT_LIST_FILLS_OF_ORDER : STATEMENT_LIST_FILLS);
    db_args_uuid(args, request->trader_id);
    query_add_uuid(args, query->has_cursor, after);
    db_args_text(args, query->has_symbol ? query->symbol : NULL);
    query_add_instant(args, query->has_from, query->from);
    query_add_instant(args, query->has_to, query->to);
    db_args_i64(args, query->limit + 1);
    if (query->has_order_id)
        db_args_uuid(args, query->order_id);
    else
        db_args_i64(args, LOOKED_AT_MAX);
    if (!query->has_order_id && (query->has_symbol || query->has_from || query->has_to)) {
        args = db_job_step(job, STATEMENT_LIST_FILLS_BOUND);
        db_args_uuid(args, request->trader_id);
        query_add_uuid(args, query->has_cursor, after);
        db_args_i64(args, LOOKED_AT_MAX);
    }
    db_job_mark_heavy(job);
    query_send(request, request->gateway->traders, &job, on_fills);
}
