/* SPDX-License-Identifier: Apache-2.0 */
/* listOpenQuestions, listLanes: what operations watches. Read as compliance, which reads every trader's
 * rows. */
#include "common/cleanup.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 500 };

static const struct http_param params[] = {LIST_LIMIT(LIMIT_MAX)};
static const struct list list = {
    .name = "questions", .limit = LIMIT_DEFAULT, .params = params, .param_count = ARRAY_LEN(params)};

static void on_orders(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);

    buffer_append_text(body, "{\"orders\":");
    rows_render(body, results[0], PQntuples(results[0]));
    buffer_append_text(body, ",\"put_aside\":");
    rows_render(body, results[1], PQntuples(results[1]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void admin_list_orders(struct request *request)
{
    struct list_query asked;

    if (!list_read(request, &list, &asked))
        return;
    struct query query = query_as_compliance(request);
    db_args_i64(query_step(&query, STATEMENT_LIST_QUESTIONS), asked.limit);
    db_args_i64(query_step(&query, STATEMENT_LIST_ASIDE), asked.limit);
    query_mark_heavy(&query);
    query_send(&query, on_orders);
}

void admin_list_lanes(struct request *request)
{
    struct query query = query_as_compliance(request);

    (void)query_step(&query, STATEMENT_LIST_LANES);
    query_mark_heavy(&query);
    query_send(&query, rows_answer);
}

void admin_list_services(struct request *request)
{
    struct buffer *body = request_body(request);

    buffer_append_text(body, "{\"services\":");
    probes_render(request->gateway->probes, body);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}
