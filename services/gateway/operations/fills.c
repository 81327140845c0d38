/* SPDX-License-Identifier: Apache-2.0 */
/* listFills: the trader's executions, newest first. */
#include "common/cleanup.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, LOOKED_AT_MAX = 10000 /* fills, for a page */ };

static const struct http_param params[] = {
    LIST_PARAM("symbol", HTTP_PARAM_SYMBOL, symbol, 0, 0),
    LIST_PARAM("order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    LIST_PARAM("from", HTTP_PARAM_INSTANT, from, 0, 0),
    LIST_PARAM("to", HTTP_PARAM_INSTANT, to, 0, 0),
    LIST_PARAM("limit", HTTP_PARAM_INTEGER, limit, 1, LIMIT_MAX),
    LIST_CURSOR,
};
static const struct list list = {
    .name = "fills", .limit = LIMIT_DEFAULT, .params = params, .param_count = ARRAY_LEN(params)};

static void on_fills(struct request *request, const PGresult *const *results)
{
    const struct list_query *query = request->state;
    struct buffer *body = request_body(request);
    char next[CURSOR_TEXT_MAX];

    buffer_append_text(body, "{\"fills\":");
    rows_render(body, results[1], list_rows(query, results[1]));
    list_next(request, &list, query, results[1], 0, results[2], next);
    list_answer(request, body, next);
}

void fills_list(struct request *request)
{
    struct list_query *asked = request_make_state(request, sizeof(*asked));

    if (!list_read(request, &list, asked))
        return;
    struct query query = query_as_trader(request);
    struct db_args *args =
        query_step(&query, asked->has_order_id ? STATEMENT_LIST_FILLS_OF_ORDER : STATEMENT_LIST_FILLS);
    db_args_uuid(args, request->trader_id);
    query_add_uuid(args, asked->has_cursor, asked->after_id);
    db_args_text(args, asked->has_symbol ? asked->symbol : NULL);
    query_add_instant(args, asked->has_from, asked->from);
    query_add_instant(args, asked->has_to, asked->to);
    db_args_i64(args, asked->limit + 1);
    if (asked->has_order_id)
        db_args_uuid(args, asked->order_id);
    else
        db_args_i64(args, LOOKED_AT_MAX);
    if (!asked->has_order_id && (asked->has_symbol || asked->has_from || asked->has_to)) {
        args = query_step(&query, STATEMENT_LIST_FILLS_BOUND);
        db_args_uuid(args, request->trader_id);
        query_add_uuid(args, asked->has_cursor, asked->after_id);
        db_args_i64(args, LOOKED_AT_MAX);
    }
    query_mark_heavy(&query);
    query_send(&query, on_fills);
}
