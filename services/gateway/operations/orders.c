/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is the trader's own, newest first: listOrders, listFills, and one order with its fills. */
#include "common/cleanup.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, LOOKED_AT_MAX = 10000 /* rows, for a page */ };

static const struct http_param order_params[] = {
    LIST_PARAM("status", HTTP_PARAM_ORDER_STATUS, status, 0, 0),
    LIST_PARAM("execution_state", HTTP_PARAM_EXECUTION_STATE, state, 0, 0),
    LIST_PARAM("parent_order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    LIST_PARAM("symbol", HTTP_PARAM_SYMBOL, symbol, 0, 0),
    LIST_PARAM("created_from", HTTP_PARAM_INSTANT, from, 0, 0),
    LIST_PARAM("created_to", HTTP_PARAM_INSTANT, to, 0, 0),
    LIST_LIMIT(LIMIT_MAX),
    LIST_CURSOR,
};
static const struct http_param fill_params[] = {
    LIST_PARAM("symbol", HTTP_PARAM_SYMBOL, symbol, 0, 0),
    LIST_PARAM("order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    LIST_PERIOD,
    LIST_LIMIT(LIMIT_MAX),
    LIST_CURSOR,
};

struct own_list {
    struct list list;
    enum statement all, of_order;
    enum statement bound; /* where a page stopped that looked at LOOKED_AT_MAX rows */
    bool has_states;      /* among its parameters: status and execution_state */
    const char *begin;
};

static const struct own_list orders = {
    .list = {"orders", .limit = LIMIT_DEFAULT, .params = order_params,
             .param_count = ARRAY_LEN(order_params)},
    .all = STATEMENT_LIST_ORDERS,
    .of_order = STATEMENT_LIST_LEGS,
    .bound = STATEMENT_LIST_ORDERS_BOUND,
    .has_states = true,
    .begin = "{\"ok\":true,\"orders\":",
};
static const struct own_list fills = {
    .list = {"fills", .limit = LIMIT_DEFAULT, .params = fill_params, .param_count = ARRAY_LEN(fill_params)},
    .all = STATEMENT_LIST_FILLS,
    .of_order = STATEMENT_LIST_FILLS_OF_ORDER,
    .bound = STATEMENT_LIST_FILLS_BOUND,
    .begin = "{\"fills\":",
};

struct page {
    const struct own_list *own;
    struct list_query query;
};

static void on_page(struct request *request, const PGresult *const *results)
{
    const struct page *page = request->state;
    struct buffer *body = request_body(request);
    char next[CURSOR_TEXT_MAX];

    buffer_append_text(body, page->own->begin);
    rows_render(body, results[0], list_rows(&page->query, results[0]));
    list_next(request, &page->own->list, &page->query, results[0], 0, results[1], next);
    list_answer(request, body, next);
}

static void add_place(const struct request *request, const struct list_query *asked, struct db_args *args)
{
    db_args_uuid(args, request->trader_id);
    query_add_uuid(args, asked->has_cursor, asked->after_id);
}

/* Whether a page may look at rows that it does not show. */
static bool passes_over(const struct list_query *asked)
{
    return asked->has_status || asked->has_state || asked->has_symbol || asked->has_from || asked->has_to;
}

static void list_own(struct request *request, const struct own_list *own)
{
    struct page *page = request_make_state(request, sizeof(*page));
    const struct list_query *asked = &page->query;

    page->own = own;
    if (!list_read(request, &own->list, &page->query))
        return;
    struct query query = query_as_trader(request);
    struct db_args *args = query_step(&query, asked->has_order_id ? own->of_order : own->all);
    add_place(request, asked, args);
    db_args_text(args, asked->has_symbol ? asked->symbol : NULL);
    query_add_instant(args, asked->has_from, asked->from);
    query_add_instant(args, asked->has_to, asked->to);
    db_args_i64(args, asked->limit + 1);
    if (asked->has_order_id)
        db_args_uuid(args, asked->order_id);
    else
        db_args_i64(args, LOOKED_AT_MAX);
    if (own->has_states) {
        db_args_text(args, asked->has_status ? order_status_text(asked->status) : NULL);
        db_args_text(args, asked->has_state ? execution_state_text(asked->state) : NULL);
    }
    if (!asked->has_order_id && passes_over(asked)) {
        args = query_step(&query, own->bound);
        add_place(request, asked, args);
        db_args_i64(args, LOOKED_AT_MAX);
    }
    query_mark_heavy(&query);
    query_send(&query, on_page);
}

void orders_list(struct request *request)
{
    list_own(request, &orders);
}

void orders_list_fills(struct request *request)
{
    list_own(request, &fills);
}

static void on_order(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);

    if (!query_found(request, results[0], "There is no such order; check its id."))
        return;
    buffer_append_char(body, '{');
    rows_append_members(body, results[0], 0, 0, PQnfields(results[0]));
    buffer_append_text(body, ",\"fills\":");
    rows_render(body, results[1], PQntuples(results[1]));
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
