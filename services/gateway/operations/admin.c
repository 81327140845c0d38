/* SPDX-License-Identifier: Apache-2.0 */
/* listOpenQuestions, listLanes: what operations watches. Read as compliance, which reads every trader's rows.
 */
#include "common/cleanup.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rows.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 500 };

static const struct column question_columns[] = {
    {"{\"id\":", COLUMN_TEXT},
    {",\"trader_id\":", COLUMN_TEXT},
    {",\"symbol\":", COLUMN_TEXT},
    {",\"side\":", COLUMN_TEXT},
    {",\"order_type\":", COLUMN_TEXT},
    {",\"quantity\":", COLUMN_NUMBER},
    {",\"price\":", COLUMN_NUMBER},
    {",\"filled_quantity\":", COLUMN_NUMBER},
    {",\"average_price\":", COLUMN_NUMBER},
    {",\"status\":", COLUMN_TEXT},
    {",\"execution_state\":", COLUMN_TEXT},
    {",\"reason\":", COLUMN_TEXT},
    {",\"attempts\":", COLUMN_NUMBER},
    {",\"next_check_at\":", COLUMN_INSTANT},
    {",\"recalls\":", COLUMN_NUMBER},
    {",\"lane\":", COLUMN_NUMBER},
    {",\"commands\":", COLUMN_TEXT},
    {",\"created_at\":", COLUMN_INSTANT},
    {",\"updated_at\":", COLUMN_INSTANT},
};

static const struct column aside_columns[] = {
    {"{\"id\":", COLUMN_NUMBER},          {",\"created_at\":", COLUMN_INSTANT},
    {",\"service\":", COLUMN_TEXT},       {",\"kind\":", COLUMN_TEXT},
    {",\"order_id\":", COLUMN_TEXT},      {",\"detail\":", COLUMN_TEXT},
    {",\"venue_exec_id\":", COLUMN_TEXT}, {",\"quantity\":", COLUMN_NUMBER},
    {",\"price\":", COLUMN_NUMBER},       {",\"cl_ord_id\":", COLUMN_TEXT},
    {",\"exec_type\":", COLUMN_TEXT},     {",\"message\":", COLUMN_TEXT},
};

static void on_orders(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    buffer_clear(body);
    buffer_append_text(body, "{\"orders\":");
    rows_render(body, results[0], PQntuples(results[0]), question_columns, (int)ARRAY_LEN(question_columns));
    buffer_append_text(body, ",\"put_aside\":");
    rows_render(body, results[1], PQntuples(results[1]), aside_columns, (int)ARRAY_LEN(aside_columns));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

void admin_list_orders(struct request *request)
{
    static const struct http_param params[] = {
        {"limit", HTTP_PARAM_INTEGER, offsetof(struct list_query, limit),
         offsetof(struct list_query, has_limit), 1, LIMIT_MAX},
    };
    struct faults faults;

    request->list.limit = LIMIT_DEFAULT;
    request_read_params(request, params, ARRAY_LEN(params), &request->list, &faults);
    if (faults.count > 0) {
        request_refuse_params(request, &faults);
        return;
    }
    struct db_job *job = query_job(request);
    if (job == NULL)
        return;
    db_args_i64(db_job_step(job, STATEMENT_LIST_QUESTIONS), request->list.limit);
    db_args_i64(db_job_step(job, STATEMENT_LIST_ASIDE), request->list.limit);
    db_job_mark_heavy(job);
    query_send(request, request->gateway->compliance, &job, on_orders);
}

static void on_lanes(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"lane\":", COLUMN_NUMBER},
        {",\"state\":", COLUMN_TEXT},
        {",\"owner\":", COLUMN_TEXT},
        {",\"epoch\":", COLUMN_NUMBER},
        {",\"in_seq\":", COLUMN_NUMBER},
        {",\"out_seq\":", COLUMN_NUMBER},
        {",\"beat_at\":", COLUMN_INSTANT},
        {",\"open_orders\":", COLUMN_NUMBER},
        {",\"commands\":", COLUMN_NUMBER},
        {",\"session_at\":", COLUMN_INSTANT},
        {",\"why\":", COLUMN_TEXT},
        {",\"renumbered_at\":", COLUMN_INSTANT},
        {",\"logout_text\":", COLUMN_TEXT},
        {",\"in_expected\":", COLUMN_NUMBER},
        {",\"in_received\":", COLUMN_NUMBER},
        {",\"out_next\":", COLUMN_NUMBER},
        {",\"out_expected\":", COLUMN_NUMBER},
    };
    struct request *request = query_resume(context, token, error);

    if (request != NULL)
        rows_answer(request, results[0], "lanes", columns, (int)ARRAY_LEN(columns));
}

void admin_list_lanes(struct request *request)
{
    struct db_job *job = query_job(request);

    if (job == NULL)
        return;
    (void)db_job_step(job, STATEMENT_LIST_LANES);
    db_job_mark_heavy(job);
    query_send(request, request->gateway->compliance, &job, on_lanes);
}

void admin_list_services(struct request *request)
{
    struct buffer *body = &request->gateway->body;

    buffer_clear(body);
    buffer_append_text(body, "{\"services\":");
    probes_render(request->gateway->probes, body);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}
