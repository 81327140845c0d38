/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the account, the positions and the instruments. */
#include "common/cleanup.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rows.h"

static void add_day(struct request *request, struct db_args *args)
{
    db_args_text(args, request->gateway->config->trading_tz);
    db_args_text(args, request->gateway->config->trading_day_start);
}

static void on_account(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"trader_id\":", COLUMN_TEXT},
        {",\"status\":", COLUMN_TEXT},
        {",\"currency\":", COLUMN_TEXT},
        {",\"cash\":", COLUMN_NUMBER},
        {",\"reserved\":", COLUMN_NUMBER},
        {",\"margin\":", COLUMN_NUMBER},
        {",\"buying_power\":", COLUMN_NUMBER},
        {",\"equity\":", COLUMN_NUMBER},
        {",\"day_start_equity\":", COLUMN_NUMBER},
        {",\"day_pnl\":", COLUMN_NUMBER},
        {",\"limits\":{\"daily_loss\":", COLUMN_NUMBER},
        {",\"max_position_quantity\":", COLUMN_NUMBER},
        {",\"max_order_quantity\":", COLUMN_NUMBER},
        {",\"max_order_notional\":", COLUMN_NUMBER},
        {",\"max_open_orders\":", COLUMN_NUMBER},
        {",\"price_collar_pct\":", COLUMN_NUMBER},
        {",\"orders_per_minute\":", COLUMN_NUMBER},
        {",\"short_selling\":", COLUMN_BOOL},
        {",\"short_margin_pct\":", COLUMN_NUMBER},
        {"},\"usage\":{\"daily_loss\":", COLUMN_NUMBER},
        {",\"open_orders\":", COLUMN_NUMBER},
    };
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;

    if (request == NULL)
        return;
    if (PQntuples(results[1]) == 0) {
        request_refuse(request, REJECT_ACCOUNT_UNKNOWN, "The account is gone; ask operations to open one.");
        return;
    }
    buffer_clear(body);
    rows_render_row(body, results[1], 0, columns, (int)ARRAY_LEN(columns));
    buffer_append_text(body, "}}");
    request_answer_json(request, 200, body);
}

void account_get(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    struct db_args *args = db_job_step(job, STATEMENT_GET_ACCOUNT);
    db_args_uuid(args, request->trader_id);
    add_day(request, args);
    query_send(request, request->gateway->traders, &job, on_account);
}

static void on_positions(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"symbol\":", COLUMN_TEXT},
        {",\"quantity\":", COLUMN_NUMBER},
        {",\"average_cost\":", COLUMN_NUMBER},
        {",\"last_price\":", COLUMN_NUMBER},
        {",\"market_value\":", COLUMN_NUMBER},
        {",\"unrealized_pnl\":", COLUMN_NUMBER},
        {",\"realized_pnl_today\":", COLUMN_NUMBER},
    };
    struct request *request = query_resume(context, token, error);

    if (request != NULL)
        rows_answer(request, results[1], "positions", columns, (int)ARRAY_LEN(columns));
}

void account_list_positions(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    struct db_args *args = db_job_step(job, STATEMENT_LIST_POSITIONS);
    db_args_uuid(args, request->trader_id);
    add_day(request, args);
    query_send(request, request->gateway->traders, &job, on_positions);
}

static void on_instruments(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"symbol\":", COLUMN_TEXT},           {",\"name\":", COLUMN_TEXT},
        {",\"tick_size\":", COLUMN_NUMBER},      {",\"lot_size\":", COLUMN_NUMBER},
        {",\"tradable\":", COLUMN_BOOL},         {",\"last_price\":", COLUMN_NUMBER},
        {",\"last_price_at\":", COLUMN_INSTANT}, {",\"day_open_price\":", COLUMN_NUMBER},
    };
    struct request *request = query_resume(context, token, error);

    if (request != NULL)
        rows_answer(request, results[1], "instruments", columns, (int)ARRAY_LEN(columns));
}

void account_list_instruments(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    add_day(request, db_job_step(job, STATEMENT_LIST_INSTRUMENTS));
    query_send(request, request->gateway->traders, &job, on_instruments);
}
