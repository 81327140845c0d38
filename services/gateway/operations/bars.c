/* SPDX-License-Identifier: Apache-2.0 */
/* listBars: what the prices of an instrument did, newest first. */
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 500, LIMIT_MAX = 1000 };

static void judge_interval(const struct list_query *query, struct faults *faults)
{
    static const char *const intervals[] = {"1m", "5m", "1h", "1d"};
    bool found = false;

    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        found |= strcmp(query->interval, intervals[i]) == 0;
    if (faults->count == 0 && !found)
        faults_add(faults, "interval", query->has_interval ? REJECT_INVALID_VALUE : REJECT_REQUIRED, NULL,
                   query->has_interval ? query->interval : NULL,
                   "The parameter 'interval' is not 1m, 5m, 1h or 1d; correct it.");
}

static const struct http_param params[] = {
    LIST_PARAM("interval", HTTP_PARAM_TEXT, interval, 0, 0),
    LIST_PERIOD,
    LIST_LIMIT(LIMIT_MAX),
    LIST_CURSOR,
};
static const struct list list = {.name = "bars",
                                 .by_number = true,
                                 .limit = LIMIT_DEFAULT,
                                 .params = params,
                                 .param_count = ARRAY_LEN(params),
                                 .judge = judge_interval};

static void on_bars(struct request *request, const PGresult *const *results)
{
    const struct list_query *query = request->state;
    struct buffer *body = request_body(request);
    char next[CURSOR_TEXT_MAX];

    if (!query_found(request, results[0], "There is no such instrument; check its symbol."))
        return;
    buffer_append_text(body, "{\"symbol\":");
    json_append_text(body, request->subject.symbol);
    buffer_append_text(body, ",\"interval\":");
    json_append_text(body, query->interval);
    buffer_append_text(body, ",\"bars\":");
    rows_render(body, results[1], list_rows(query, results[1]));
    list_next(request, &list, query, results[1], 0, NULL, next);
    list_answer(request, body, next);
}

void bars_list(struct request *request)
{
    struct list_query *asked = request_make_state(request, sizeof(*asked));

    if (!list_read(request, &list, asked))
        return;
    struct query query = query_as_trader(request);
    db_args_text(query_step(&query, STATEMENT_HAS_INSTRUMENT), request->subject.symbol);
    struct db_args *args = query_step(&query, STATEMENT_LIST_BARS);
    db_args_text(args, request->subject.symbol);
    db_args_text(args, asked->interval);
    query_add_instant(args, asked->has_cursor, (struct instant){asked->after_number});
    query_add_instant(args, asked->has_from, asked->from);
    query_add_instant(args, asked->has_to, asked->to);
    db_args_i64(args, asked->limit + 1);
    query_send(&query, on_bars);
}
