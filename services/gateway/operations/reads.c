/* SPDX-License-Identifier: Apache-2.0 */
/* Reading orders: the list, and one with its fills. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "proto/order_json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/cursor.h"
#include "services/gateway/operations/fills.h"
#include "services/gateway/operations/operations.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, SCOPE_MAX = 192, LOOKED_AT_MAX = 10000 /* orders, for a page */ };

static const struct http_param list_params[] = {
    {"status", HTTP_PARAM_ORDER_STATUS, offsetof(struct list_query, status),
     offsetof(struct list_query, has_status), 0, 0},
    {"execution_state", HTTP_PARAM_EXECUTION_STATE, offsetof(struct list_query, state),
     offsetof(struct list_query, has_state), 0, 0},
    {"parent_order_id", HTTP_PARAM_UUID, offsetof(struct list_query, order_id),
     offsetof(struct list_query, has_order_id), 0, 0},
    {"symbol", HTTP_PARAM_SYMBOL, offsetof(struct list_query, symbol),
     offsetof(struct list_query, has_symbol), 0, 0},
    {"created_from", HTTP_PARAM_INSTANT, offsetof(struct list_query, from),
     offsetof(struct list_query, has_from), 0, 0},
    {"created_to", HTTP_PARAM_INSTANT, offsetof(struct list_query, to), offsetof(struct list_query, has_to),
     0, 0},
    {"limit", HTTP_PARAM_INTEGER, offsetof(struct list_query, limit), offsetof(struct list_query, has_limit),
     1, LIMIT_MAX},
    {"cursor", HTTP_PARAM_TEXT, offsetof(struct list_query, cursor), offsetof(struct list_query, has_cursor),
     0, 0},
};

/* Differs whenever the filters differ: a cursor belongs to them. */
static void write_scope(const struct list_query *query, char scope[static SCOPE_MAX])
{
    char parent[UUID_TEXT_MAX] = "";

    if (query->has_order_id)
        uuid_format(query->order_id, parent);
    (void)snprintf(
        scope, SCOPE_MAX, "orders;%d;%s;%lld;%lld;%d;%s", query->has_status ? (int)query->status : 0,
        query->symbol, query->has_from ? (long long)query->from.us : -1,
        query->has_to ? (long long)query->to.us : -1, query->has_state ? (int)query->state : -1, parent);
}

static void read_text(const PGresult *result, int row, int column, char *target, size_t max)
{
    const char *text = db_get_text(result, row, column);

    faults_copy_text(target, max, text, strlen(text));
}

/* A row of list_orders.sql and get_order.sql. */
static void read_order(const PGresult *result, int row, struct order_view *ret_order)
{
    const char *side = db_get_text(result, row, 3), *type = db_get_text(result, row, 5);
    const char *tif = db_get_text(result, row, 6), *status = db_get_text(result, row, 10);
    const char *state = db_get_text(result, row, 11);

    *ret_order = (struct order_view){
        .id = db_get_uuid(result, row, 0),
        .trader_id = db_get_uuid(result, row, 1),
        .quantity = db_get_decimal(result, row, 4),
        .has_price = !db_is_null(result, row, 7),
        .price = db_get_decimal(result, row, 7),
        .has_stop_loss = !db_is_null(result, row, 8),
        .stop_loss = db_get_decimal(result, row, 8),
        .has_take_profit = !db_is_null(result, row, 9),
        .take_profit = db_get_decimal(result, row, 9),
        .attempts = (uint64_t)db_get_i64(result, row, 12),
        .has_next_check_at = !db_is_null(result, row, 13),
        .next_check_at = db_get_instant(result, row, 13),
        .filled_quantity = db_get_decimal(result, row, 14),
        .has_average_price = !db_is_null(result, row, 15),
        .average_price = db_get_decimal(result, row, 15),
        .has_parent_order_id = !db_is_null(result, row, 18),
        .parent_order_id = db_get_uuid(result, row, 18),
        .has_cancel_requested_at = !db_is_null(result, row, 19),
        .cancel_requested_at = db_get_instant(result, row, 19),
        .created_at = db_get_instant(result, row, 20),
        .updated_at = db_get_instant(result, row, 21),
    };
    (void)side_parse(side, strlen(side), &ret_order->side);
    (void)order_type_parse(type, strlen(type), &ret_order->order_type);
    (void)time_in_force_parse(tif, strlen(tif), &ret_order->time_in_force);
    (void)order_status_parse(status, strlen(status), &ret_order->status);
    (void)execution_state_parse(state, strlen(state), &ret_order->execution_state);
    read_text(result, row, 2, ret_order->symbol, sizeof(ret_order->symbol));
    read_text(result, row, 16, ret_order->reason, sizeof(ret_order->reason));
    read_text(result, row, 17, ret_order->idempotent_key, sizeof(ret_order->idempotent_key));
}

static void on_orders(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;
    struct order_view order;

    if (request == NULL)
        return;
    /* One row more than asked for tells whether there is a further page. */
    int rows = PQntuples(results[1]);
    bool more = rows > request->list.limit;
    if (more)
        rows = (int)request->list.limit;
    buffer_clear(body);
    buffer_append_text(body, "{\"ok\":true,\"orders\":[");
    for (int row = 0; row < rows; row++) {
        if (row > 0)
            buffer_append_char(body, ',');
        read_order(results[1], row, &order);
        order_json_render(&order, body);
    }
    buffer_append_text(body, "],\"next_cursor\":");
    /* Or the page has looked at as many as it may, and goes on from there. */
    bool stopped = !more && results[2] != NULL && PQntuples(results[2]) > 0;
    if (more || stopped) {
        char scope[SCOPE_MAX], cursor[CURSOR_TEXT_MAX];
        write_scope(&request->list, scope);
        cursor_format(stopped ? db_get_uuid(results[2], 0, 0) : order.id, scope, cursor);
        json_append_text(body, cursor);
    } else {
        buffer_append_text(body, "null");
    }
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

/* The query, checked; false when the request has been answered. */
static bool read_list_query(struct request *request, struct uuid *ret_after)
{
    struct list_query *query = &request->list;
    struct faults faults;
    char scope[SCOPE_MAX];

    query->limit = LIMIT_DEFAULT;
    request_read_params(request, list_params, ARRAY_LEN(list_params), query, &faults);
    write_scope(query, scope);
    if (faults.count == 0 && query->has_cursor &&
        cursor_parse(query->cursor, strlen(query->cursor), scope, ret_after) < 0)
        faults_add(
            &faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
            "The parameter 'cursor' is none of this list's; pass on next_cursor with the same filters.");
    if (faults.count == 0)
        return true;
    request_refuse_params(request, &faults);
    return false;
}

/* Whether a page may look at orders that it does not show. */
static bool passes_over(const struct list_query *query)
{
    return query->has_status || query->has_state || query->has_symbol || query->has_from || query->has_to;
}

void reads_list_orders(struct request *request)
{
    const struct list_query *query = &request->list;
    struct uuid after;

    if (!read_list_query(request, &after))
        return;
    struct db_job *job = query_as_trader(request);
    if (job == NULL)
        return;
    struct db_args *args =
        db_job_step(job, query->has_order_id ? STATEMENT_LIST_LEGS : STATEMENT_LIST_ORDERS);
    db_args_uuid(args, request->trader_id);
    query_add_uuid(args, query->has_cursor, after);
    db_args_text(args, query->has_status ? order_status_text(query->status) : NULL);
    db_args_text(args, query->has_symbol ? query->symbol : NULL);
    query_add_instant(args, query->has_from, query->from);
    query_add_instant(args, query->has_to, query->to);
    db_args_i64(args, query->limit + 1);
    db_args_text(args, query->has_state ? execution_state_text(query->state) : NULL);
    if (query->has_order_id)
        db_args_uuid(args, query->order_id);
    else
        db_args_i64(args, LOOKED_AT_MAX);
    if (!query->has_order_id && passes_over(query)) {
        args = db_job_step(job, STATEMENT_LIST_ORDERS_BOUND);
        db_args_uuid(args, request->trader_id);
        query_add_uuid(args, query->has_cursor, after);
        db_args_i64(args, LOOKED_AT_MAX);
    }
    db_job_mark_heavy(job);
    query_send(request, request->gateway->traders, &job, on_orders);
}

static void refuse_missing(struct request *request)
{
    request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
}

static void on_order(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;
    struct order_view order;

    if (request == NULL)
        return;
    if (PQntuples(results[1]) == 0) {
        refuse_missing(request);
        return;
    }
    read_order(results[1], 0, &order);
    buffer_clear(body);
    order_json_render_open(&order, body);
    buffer_append_text(body, ",\"fills\":");
    fills_render(body, results[2], PQntuples(results[2]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void reads_get_order(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    db_args_uuid(db_job_step(job, STATEMENT_GET_ORDER), request->subject.id);
    db_args_uuid(db_job_step(job, STATEMENT_LIST_ORDER_FILLS), request->subject.id);
    query_send(request, request->gateway->traders, &job, on_order);
}
