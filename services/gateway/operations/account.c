/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the account, the positions and the instruments. */
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

/* Columns of get_account.sql: the account's own, then its limits, then how much of them is used. */
enum {
    FIRST_LIMIT = 10,
#define COUNT_LIMIT(type, name, kind) +1
#define RISK_LIMIT                    COUNT_LIMIT
#define GATEWAY_LIMIT                 COUNT_LIMIT
    FIRST_USAGE = FIRST_LIMIT
#include "proto/trader_limits.def"
};

static void add_day(const struct request *request, struct db_args *args)
{
    db_args_text(args, request->gateway->config->trading_tz);
    db_args_text(args, request->gateway->config->trading_day_start);
}

static void on_account(struct request *request, const PGresult *const *results)
{
    const PGresult *account = results[0];
    struct buffer *body = request_body(request);

    if (PQntuples(account) == 0) {
        request_refuse(request, REJECT_ACCOUNT_UNKNOWN, "The account is gone; ask operations to open one.");
        return;
    }
    buffer_append_char(body, '{');
    rows_append_members(body, account, 0, 0, FIRST_LIMIT);
    buffer_append_text(body, ",\"limits\":{");
    rows_append_members(body, account, 0, FIRST_LIMIT, FIRST_USAGE);
    buffer_append_text(body, "},\"usage\":{");
    rows_append_members(body, account, 0, FIRST_USAGE, PQnfields(account));
    buffer_append_text(body, "}}");
    request_answer_json(request, 200, body);
}

void account_get(struct request *request)
{
    struct query query = query_as_trader(request);
    struct db_args *args = query_step(&query, STATEMENT_GET_ACCOUNT);

    db_args_uuid(args, request->trader_id);
    add_day(request, args);
    query_send(&query, on_account);
}

void account_list_positions(struct request *request)
{
    struct query query = query_as_trader(request);
    struct db_args *args = query_step(&query, STATEMENT_LIST_POSITIONS);

    db_args_uuid(args, request->trader_id);
    add_day(request, args);
    query_send(&query, rows_answer);
}

void account_list_instruments(struct request *request)
{
    struct query query = query_as_trader(request);

    add_day(request, query_step(&query, STATEMENT_LIST_INSTRUMENTS));
    query_send(&query, rows_answer);
}
