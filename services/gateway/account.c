/* Reading the account, the positions and the instruments. */
#include "common/cleanup.h"
#include "proto/json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations.h"

/* How one column of a row becomes a member; `member` holds whatever stands before the value. */
struct column {
    const char *member;
    enum { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_BOOL } kind;
};

static void render_row(const PGresult *result, int row, const struct column *columns, int count,
                       struct buffer *out)
{
    for (int i = 0; i < count; i++) {
        buffer_append_text(out, columns[i].member);
        if (columns[i].kind == COLUMN_NUMBER)
            query_append_number(out, result, row, i);
        else if (columns[i].kind == COLUMN_TEXT)
            json_append_text(out, db_get_text(result, row, i));
        else
            buffer_append_text(out, db_get_bool(result, row, i) ? "true" : "false");
    }
}

static void add_day(struct request *request, struct db_args *args)
{
    db_args_uuid(args, request->trader_id);
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
    render_row(results[1], 0, columns, (int)ARRAY_LEN(columns), body);
    buffer_append_text(body, "}}");
    request_answer_json(request, 200, body);
}

void account_get(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    add_day(request, db_job_step(job, STATEMENT_GET_ACCOUNT));
    query_send(request, request->gateway->traders, &job, on_account);
}

static void answer_list(struct request *request, const PGresult *result, const char *member,
                        const struct column *columns, int count)
{
    struct buffer *body = &request->gateway->body;

    buffer_clear(body);
    buffer_append_format(body, "{\"%s\":[", member);
    for (int row = 0; row < PQntuples(result); row++) {
        if (row > 0)
            buffer_append_char(body, ',');
        render_row(result, row, columns, count, body);
        buffer_append_char(body, '}');
    }
    buffer_append_text(body, "]}");
    request_answer_json(request, 200, body);
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
        answer_list(request, results[1], "positions", columns, (int)ARRAY_LEN(columns));
}

void account_list_positions(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    add_day(request, db_job_step(job, STATEMENT_LIST_POSITIONS));
    query_send(request, request->gateway->traders, &job, on_positions);
}

static void on_instruments(void *context, uint64_t token, int error, const PGresult *const *results)
{
    static const struct column columns[] = {
        {"{\"symbol\":", COLUMN_TEXT},      {",\"name\":", COLUMN_TEXT},
        {",\"tick_size\":", COLUMN_NUMBER}, {",\"lot_size\":", COLUMN_NUMBER},
        {",\"tradable\":", COLUMN_BOOL},    {",\"last_price\":", COLUMN_NUMBER},
    };
    struct request *request = query_resume(context, token, error);

    if (request != NULL)
        answer_list(request, results[1], "instruments", columns, (int)ARRAY_LEN(columns));
}

void account_list_instruments(struct request *request)
{
    struct db_job *job = query_as_trader(request);

    if (job == NULL)
        return;
    (void)db_job_step(job, STATEMENT_LIST_INSTRUMENTS);
    query_send(request, request->gateway->traders, &job, on_instruments);
}
