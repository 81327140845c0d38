/* SPDX-License-Identifier: Apache-2.0 */
/* Reading orders: the list, and one with its fills. */
#include "common/cleanup.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, LOOKED_AT_MAX = 10000 /* orders, for a page */ };

static const struct http_param params[] = {
    LIST_PARAM("status", HTTP_PARAM_ORDER_STATUS, status, 0, 0),
    LIST_PARAM("execution_state", HTTP_PARAM_EXECUTION_STATE, state, 0, 0),
    LIST_PARAM("parent_order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    LIST_PARAM("symbol", HTTP_PARAM_SYMBOL, symbol, 0, 0),
    LIST_PARAM("created_from", HTTP_PARAM_INSTANT, from, 0, 0),
    LIST_PARAM("created_to", HTTP_PARAM_INSTANT, to, 0, 0),
    LIST_PARAM("limit", HTTP_PARAM_INTEGER, limit, 1, LIMIT_MAX),
    LIST_CURSOR,
};
static const struct list list = {
    .name = "orders", .limit = LIMIT_DEFAULT, .params = params, .param_count = ARRAY_LEN(params)};

static void on_orders(struct request *request, const PGresult *const *results)
{
    const struct list_query *query = request->state;
    struct buffer *body = request_body(request);
    char next[CURSOR_TEXT_MAX];

    buffer_append_text(body, "{\"ok\":true,\"orders\":");
    rows_render(body, results[1], list_rows(query, results[1]));
    list_next(request, &list, query, results[1], 0, results[2], next);
    list_answer(request, body, next);
}

/* Whether a page may look at orders that it does not show. */
static bool passes_over(const struct list_query *query)
{
    return query->has_status || query->has_state || query->has_symbol || query->has_from || query->has_to;
}

void orders_list(struct request *request)
{
    struct list_query *asked = request_make_state(request, sizeof(*asked));

    if (!list_read(request, &list, asked))
        return;
    struct query query = query_as_trader(request);
    struct db_args *args =
        query_step(&query, asked->has_order_id ? STATEMENT_LIST_LEGS : STATEMENT_LIST_ORDERS);
    db_args_uuid(args, request->trader_id);
    query_add_uuid(args, asked->has_cursor, asked->after_id);
    db_args_text(args, asked->has_status ? order_status_text(asked->status) : NULL);
    db_args_text(args, asked->has_symbol ? asked->symbol : NULL);
    query_add_instant(args, asked->has_from, asked->from);
    query_add_instant(args, asked->has_to, asked->to);
    db_args_i64(args, asked->limit + 1);
    db_args_text(args, asked->has_state ? execution_state_text(asked->state) : NULL);
    if (asked->has_order_id)
        db_args_uuid(args, asked->order_id);
    else
        db_args_i64(args, LOOKED_AT_MAX);
    if (!asked->has_order_id && passes_over(asked)) {
        args = query_step(&query, STATEMENT_LIST_ORDERS_BOUND);
        db_args_uuid(args, request->trader_id);
        query_add_uuid(args, asked->has_cursor, asked->after_id);
        db_args_i64(args, LOOKED_AT_MAX);
    }
    query_mark_heavy(&query);
    query_send(&query, on_orders);
}

static void on_order(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);

    if (PQntuples(results[1]) == 0) {
        request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
        return;
    }
    buffer_append_char(body, '{');
    rows_append_members(body, results[1], 0, 0, PQnfields(results[1]));
    buffer_append_text(body, ",\"fills\":");
    rows_render(body, results[2], PQntuples(results[2]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void orders_get(struct request *request)
{
    struct query query = query_as_trader(request);

    db_args_uuid(query_step(&query, STATEMENT_GET_ORDER), request->subject.id);
    db_args_uuid(query_step(&query, STATEMENT_LIST_ORDER_FILLS), request->subject.id);
    query_send(&query, on_order);
}
