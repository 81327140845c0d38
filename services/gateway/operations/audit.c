/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log over HTTP: one order's trail, and the search of everyone's. */
#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/operations/audit_reading.h"
#include "services/gateway/operations/operations.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

static const struct http_param params[] = {
    LIST_PARAM("trader_id", HTTP_PARAM_UUID, trader_id, 0, 0),
    LIST_PARAM("order_id", HTTP_PARAM_UUID, order_id, 0, 0),
    LIST_PARAM("action", HTTP_PARAM_AUDIT_ACTION, action, 0, 0),
    LIST_PERIOD,
    LIST_LIMIT(LIMIT_MAX),
    LIST_CURSOR,
};
static const struct list list = {.name = "audit",
                                 .by_number = true,
                                 .limit = LIMIT_DEFAULT,
                                 .params = params,
                                 .param_count = ARRAY_LEN(params)};

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

static void on_trail(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);

    if (!query_found(request, results[0], "There is no such order; check its id."))
        return;
    buffer_append_text(body, "{\"order_id\":");
    json_append_uuid(body, request->subject.id);
    buffer_append_char(body, ',');
    append_entries(body, results[1], PQntuples(results[1]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void audit_get_order(struct request *request)
{
    struct query query = query_as_caller(request);

    db_args_uuid(query_step(&query, STATEMENT_GET_ORDER), request->subject.id);
    db_args_uuid(query_step(&query, STATEMENT_LIST_AUDIT), request->subject.id);
    query_send(&query, on_trail);
}

static void on_page(struct request *request, const PGresult *const *results)
{
    const struct audit_reading *reading = request->state;
    const PGresult *entries = results[0];
    struct buffer *body = request_body(request);
    char next[CURSOR_TEXT_MAX];

    buffer_append_char(body, '{');
    append_entries(body, entries, list_rows(&reading->query, entries));
    list_next(request, &list, &reading->query, entries, AUDIT_COLUMN_LOG_SEQ, NULL, next);
    list_answer(request, body, next);
}

static void on_range(struct request *request, const PGresult *const *results)
{
    struct audit_reading *reading = request->state;

    audit_reading_take_range(reading, results);
    struct db_job *job = audit_reading_page(reading, reading->query.limit + 1);
    query_send_job(request, request->gateway->compliance, &job, on_page);
}

void audit_search(struct request *request)
{
    struct audit_reading *reading = request_make_state(request, sizeof(*reading));

    if (!list_read(request, &list, &reading->query))
        return;
    reading->after = reading->query.after_number;
    audit_reading_find_range(request, reading, on_range);
}
