/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log for compliance: the query of searchAudit or exportAudit, the range of numbers that it
 * names, and the pages of that range.
 *
 * The log only grows, so that what lies between two numbers never changes while it is read. */
#ifndef OXE_GATEWAY_AUDIT_READING_H
#define OXE_GATEWAY_AUDIT_READING_H

#include "services/gateway/gateway.h"
#include "services/gateway/operations/audit_entry.h"

struct audit_reading {
    /* The query. from and to are of recorded_at, which never decreases along the log. */
    bool has_trader_id, has_order_id, has_action, has_from, has_to, has_limit, has_cursor, has_format;
    struct uuid trader_id;
    struct uuid order_id;
    enum audit_action action;
    struct instant from;
    struct instant to;
    int64_t limit;
    char cursor[HTTP_PARAM_TEXT_MAX];
    char format[HTTP_PARAM_TEXT_MAX];

    /* What is left to read: log_seq, and the trader's own trader_seq. */
    int64_t after, upto;
    int64_t trader_after, trader_upto;
};

/* Reads the query into request->audit, whose defaults stand there; what is wrong is in ret_faults. */
void audit_reading_parse(struct request *request, const struct http_param *params, size_t count,
                         struct faults *ret_faults);

/* Asks for the range; done takes it with audit_reading_take_range. The request is parked, or answered. */
void audit_reading_find_range(struct request *request, db_pool_done done);
void audit_reading_take_range(struct audit_reading *reading, const PGresult *const *results);

/* A job for the next page, of at most `entries`. NULL: no memory. */
struct db_job *audit_reading_page(const struct audit_reading *reading, int64_t entries);
const PGresult *audit_reading_entries(const PGresult *const *results);
/* One row, as audit_entry.h takes it. */
void audit_reading_columns(const PGresult *entries, int row, const char *ret_columns[static AUDIT_COLUMNS]);
/* The same, and what is left to read begins behind it. */
void audit_reading_row(struct audit_reading *reading, const PGresult *entries, int row,
                       const char *ret_columns[static AUDIT_COLUMNS]);

#endif
