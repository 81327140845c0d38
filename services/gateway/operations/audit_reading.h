/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log for compliance: the range of numbers that a query names, and the pages of that range.
 *
 * The log only grows, so what lies between two numbers never changes while it is read. */
#ifndef OXE_GATEWAY_AUDIT_READING_H
#define OXE_GATEWAY_AUDIT_READING_H

#include "services/gateway/operations/audit_entry.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/query.h"

struct audit_reading {
    struct list_query query; /* from and to are of recorded_at, which never decreases along the log */

    /* What is left to read: log_seq, and the trader's own trader_seq. */
    int64_t after, upto;
    int64_t trader_after, trader_upto;
};

/* Asks for the range that the query names; on_range takes it with audit_reading_take_range. The request is
 * parked, or answered. */
void audit_reading_find_range(struct request *request, const struct audit_reading *reading,
                              query_rows *on_range);
void audit_reading_take_range(struct audit_reading *reading, const PGresult *const *results);

/* A job for the next page, of at most `entries`. NULL: no memory. */
struct db_job *audit_reading_page(const struct audit_reading *reading, int64_t entries);
/* One row, as audit_entry.h takes it. */
void audit_reading_columns(const PGresult *entries, int row, const char *ret_columns[static AUDIT_COLUMNS]);
/* The same, and what is left to read begins behind it. */
void audit_reading_row(struct audit_reading *reading, const PGresult *entries, int row,
                       const char *ret_columns[static AUDIT_COLUMNS]);

#endif
