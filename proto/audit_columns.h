/* SPDX-License-Identifier: Apache-2.0 */
/* The columns in which an entry of the audit log leaves the suite, in the
 * contract's order: what PostgreSQL gives, what searches and exports show,
 * and what an entry is made of again, so that its hash can be recomputed. */
#ifndef OXE_PROTO_AUDIT_COLUMNS_H
#define OXE_PROTO_AUDIT_COLUMNS_H

#include "proto/audit_leaf.h"
#include "proto/schema.h"

enum audit_column {
    AUDIT_COLUMN_LOG_SEQ,
    AUDIT_COLUMN_EVENT_ID,
    AUDIT_COLUMN_ORDER_ID,
    AUDIT_COLUMN_TRADER_ID,
    AUDIT_COLUMN_TRADER_SEQ,
    AUDIT_COLUMN_ACTION,
    AUDIT_COLUMN_STATUS,
    AUDIT_COLUMN_EXECUTION_STATE,
    AUDIT_COLUMN_SYMBOL,
    AUDIT_COLUMN_QUANTITY,
    AUDIT_COLUMN_PRICE,
    AUDIT_COLUMN_TOTAL_FILLED,
    AUDIT_COLUMN_AVERAGE_PRICE,
    AUDIT_COLUMN_VENUE,
    AUDIT_COLUMN_REASON,
    AUDIT_COLUMN_MESSAGE,
    AUDIT_COLUMN_ACTOR,
    AUDIT_COLUMN_TIMESTAMP,
    AUDIT_COLUMN_RECORDED_AT,
    AUDIT_COLUMN_HASH,
    AUDIT_COLUMN_SIDE,
    AUDIT_COLUMN_VENUE_EXEC_ID,
    AUDIT_COLUMN_TRACE_ID,
    AUDIT_COLUMNS,
};

enum audit_column_kind { AUDIT_TEXT, AUDIT_NUMBER, AUDIT_INSTANT };

/* What a column is called in JSON and CSV, and where an audit_entry has it (the hash it has not). */
extern const struct schema_field audit_columns[AUDIT_COLUMNS];
/* What JSON and CSV write. */
enum audit_column_kind audit_column_kind(size_t column);

/* Makes an entry of its columns: NULL is none, an instant is microseconds since 1970. The hash is not read.
 * -EBADMSG: column *ret_column holds what no entry has. */
int audit_columns_read(const char *const columns[static AUDIT_COLUMNS], struct audit_entry *ret_entry,
                       enum audit_column *ret_column);

#endif
