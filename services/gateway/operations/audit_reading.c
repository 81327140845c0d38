/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/audit_reading.h"

void audit_reading_find_range(struct request *request, const struct audit_reading *reading,
                              query_rows *on_range)
{
    const struct list_query *asked = &reading->query;
    struct query query = query_as_compliance(request);
    struct db_args *args = query_step(&query, STATEMENT_FIND_AUDIT_RANGE);

    db_args_i64(args, reading->after);
    query_add_instant(args, asked->has_from, asked->from);
    query_add_instant(args, asked->has_to, asked->to);
    query_add_uuid(args, asked->has_trader_id, asked->trader_id);
    query_send(&query, on_range);
}

void audit_reading_take_range(struct audit_reading *reading, const PGresult *const *results)
{
    reading->after = db_get_i64(results[0], 0, 0);
    reading->upto = db_get_i64(results[0], 0, 1);
    reading->trader_after = db_get_i64(results[0], 0, 2);
    reading->trader_upto = db_get_i64(results[0], 0, 3);
}

/* The index execution_logs_action has all but these, which are everywhere. */
static bool is_rare(enum audit_action action)
{
    return action != AUDIT_ACTION_SUBMITTED && action != AUDIT_ACTION_APPROVED &&
           action != AUDIT_ACTION_EXECUTED && action != AUDIT_ACTION_FILLED &&
           action != AUDIT_ACTION_ACKNOWLEDGED;
}

struct db_job *audit_reading_page(const struct audit_reading *reading, int64_t entries)
{
    const struct list_query *asked = &reading->query;
    const char *action = asked->has_action ? audit_action_text(asked->action) : NULL;
    bool rare = asked->has_action && is_rare(asked->action) && !asked->has_trader_id && !asked->has_order_id;
    struct db_job *job = db_job_create();

    if (job == NULL)
        return NULL;
    db_job_mark_heavy(job);
    (void)db_job_prepare(job, STATEMENT_PLAN_FOR_VALUES);
    struct db_args *args = db_job_step(job, asked->has_trader_id ? STATEMENT_SEARCH_TRADER_AUDIT
                                            : rare               ? STATEMENT_SEARCH_RARE_AUDIT
                                                                 : STATEMENT_SEARCH_AUDIT);
    db_args_i64(args, reading->after);
    db_args_i64(args, reading->upto);
    if (!rare)
        query_add_uuid(args, asked->has_order_id, asked->order_id);
    db_args_text(args, action);
    db_args_i64(args, entries);
    if (asked->has_trader_id) {
        db_args_uuid(args, asked->trader_id);
        db_args_i64(args, reading->trader_after);
        db_args_i64(args, reading->trader_upto);
    }
    return job;
}

void audit_reading_columns(const PGresult *entries, int row, const char *ret_columns[static AUDIT_COLUMNS])
{
    for (int i = 0; i < AUDIT_COLUMNS; i++)
        ret_columns[i] = db_is_null(entries, row, i) ? NULL : PQgetvalue(entries, row, i);
}

void audit_reading_row(struct audit_reading *reading, const PGresult *entries, int row,
                       const char *ret_columns[static AUDIT_COLUMNS])
{
    audit_reading_columns(entries, row, ret_columns);
    reading->after = db_get_i64(entries, row, AUDIT_COLUMN_LOG_SEQ);
    if (!db_is_null(entries, row, AUDIT_COLUMN_TRADER_SEQ))
        reading->trader_after = db_get_i64(entries, row, AUDIT_COLUMN_TRADER_SEQ);
}
