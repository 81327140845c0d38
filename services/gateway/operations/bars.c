/* SPDX-License-Identifier: Apache-2.0 */
/* listBars: what the prices of an instrument did, newest first. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 500, LIMIT_MAX = 1000, SCOPE_MAX = 160 };

static const struct http_param params[] = {
    {"interval", HTTP_PARAM_TEXT, offsetof(struct list_query, interval),
     offsetof(struct list_query, has_interval), 0, 0},
    {"from", HTTP_PARAM_INSTANT, offsetof(struct list_query, from), offsetof(struct list_query, has_from), 0,
     0},
    {"to", HTTP_PARAM_INSTANT, offsetof(struct list_query, to), offsetof(struct list_query, has_to), 0, 0},
    {"limit", HTTP_PARAM_INTEGER, offsetof(struct list_query, limit), offsetof(struct list_query, has_limit),
     1, LIMIT_MAX},
    {"cursor", HTTP_PARAM_TEXT, offsetof(struct list_query, cursor), offsetof(struct list_query, has_cursor),
     0, 0},
};

static const char *const intervals[] = {"1m", "5m", "1h", "1d"};

static bool is_interval(const char *text)
{
    bool found = false;

    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        found |= strcmp(text, intervals[i]) == 0;
    return found;
}

/* Differs whenever the list or its filters differ: a cursor belongs to them. */
static void write_scope(const struct request *request, char scope[static SCOPE_MAX])
{
    const struct list_query *query = &request->list;

    (void)snprintf(scope, SCOPE_MAX, "bars;%s;%.2s;%lld;%lld", request->subject.symbol, query->interval,
                   query->has_from ? (long long)query->from.us : -1,
                   query->has_to ? (long long)query->to.us : -1);
}

static void on_bars(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"starts_at\":", COLUMN_INSTANT}, {",\"open\":", COLUMN_NUMBER},  {",\"high\":", COLUMN_NUMBER},
        {",\"low\":", COLUMN_NUMBER},        {",\"close\":", COLUMN_NUMBER}, {",\"volume\":", COLUMN_NUMBER},
    };
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    if (PQntuples(results[1]) == 0) {
        request_refuse(request, REJECT_NOT_FOUND, "There is no such instrument; check its symbol.");
        return;
    }
    /* One row more than asked for tells whether there is a further page. */
    int rows = PQntuples(results[2]);
    bool more = rows > request->list.limit;
    if (more)
        rows = (int)request->list.limit;
    buffer_clear(body);
    buffer_append_text(body, "{\"symbol\":");
    json_append_text(body, request->subject.symbol);
    buffer_append_text(body, ",\"interval\":");
    json_append_text(body, request->list.interval);
    buffer_append_text(body, ",\"bars\":");
    rows_render(body, results[2], rows, columns, (int)ARRAY_LEN(columns));
    buffer_append_text(body, ",\"next_cursor\":");
    if (more) {
        char scope[SCOPE_MAX], cursor[CURSOR_TEXT_MAX];
        write_scope(request, scope);
        cursor_format_number(db_get_i64(results[2], rows - 1, 0), scope, cursor);
        json_append_text(body, cursor);
    } else {
        buffer_append_text(body, "null");
    }
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

/* The query, checked; false when the request has been answered. */
static bool read_query(struct request *request, int64_t *ret_before_us)
{
    struct list_query *query = &request->list;
    struct faults faults;
    char scope[SCOPE_MAX];

    query->limit = LIMIT_DEFAULT;
    request_read_params(request, params, ARRAY_LEN(params), query, &faults);
    if (faults.count == 0 && !is_interval(query->interval))
        faults_add(&faults, "interval", query->has_interval ? REJECT_INVALID_VALUE : REJECT_REQUIRED, NULL,
                   query->has_interval ? query->interval : NULL,
                   "The parameter 'interval' is not 1m, 5m, 1h or 1d; correct it.");
    write_scope(request, scope);
    if (faults.count == 0 && query->has_cursor &&
        cursor_parse_number(query->cursor, strlen(query->cursor), scope, ret_before_us) < 0)
        faults_add(
            &faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
            "The parameter 'cursor' is none of this list's; pass on next_cursor with the same filters.");
    if (faults.count > 0)
        request_refuse_params(request, &faults);
    return faults.count == 0;
}

void bars_list(struct request *request)
{
    const struct list_query *query = &request->list;
    struct instant before = {0};

    if (!read_query(request, &before.us))
        return;
    struct db_job *job = query_as_trader(request);
    if (job == NULL)
        return;
    db_args_text(db_job_step(job, STATEMENT_HAS_INSTRUMENT), request->subject.symbol);
    struct db_args *args = db_job_step(job, STATEMENT_LIST_BARS);
    db_args_text(args, request->subject.symbol);
    db_args_text(args, query->interval);
    query_add_instant(args, query->has_cursor, before);
    query_add_instant(args, query->has_from, query->from);
    query_add_instant(args, query->has_to, query->to);
    db_args_i64(args, query->limit + 1);
    query_send(request, request->gateway->traders, &job, on_bars);
}
