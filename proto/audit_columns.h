/* SPDX-License-Identifier: Apache-2.0 */
/* The columns in which an entry of the audit log leaves the suite, in the
 * contract's order: what PostgreSQL gives, what searches and exports show,
 * and what an entry is made of again, so that its hash can be recomputed. */
#ifndef OXE_PROTO_AUDIT_COLUMNS_H
#define OXE_PROTO_AUDIT_COLUMNS_H

#include "proto/audit_leaf.h"
#include "proto/schema.h"

/* X(name, field); audit_columns.c says what the fields are made of. */
#define AUDIT_COLUMN_LIST(X)                                                                                 \
    X(LOG_SEQ, ENTRY(log_seq, log_seq))                                                                      \
    X(EVENT_ID, EVENT(event_id))                                                                             \
    X(ORDER_ID, EVENT_FLAGGED(order_id))                                                                     \
    X(TRADER_ID, EVENT_FLAGGED(trader_id))                                                                   \
    X(TRADER_SEQ, ROW_FLAGGED(struct audit_entry, trader_seq, has_trader_seq, trader_seq))                   \
    X(ACTION, ROW_WORD(struct audit_entry, action, event.action, audit_action_text))                         \
    X(STATUS, EVENT_WORD_FLAGGED(status, order_status_text))                                                 \
    X(EXECUTION_STATE, EVENT_WORD_FLAGGED(execution_state, execution_state_text))                            \
    X(SYMBOL, EVENT_TEXT(symbol))                                                                            \
    X(QUANTITY, EVENT_FLAGGED(quantity))                                                                     \
    X(PRICE, EVENT_FLAGGED(price))                                                                           \
    X(TOTAL_FILLED, EVENT_FLAGGED(total_filled))                                                             \
    X(AVERAGE_PRICE, EVENT_FLAGGED(average_price))                                                           \
    X(VENUE, EVENT_TEXT(venue))                                                                              \
    X(REASON, EVENT_TEXT(reason))                                                                            \
    X(MESSAGE, EVENT_TEXT(message))                                                                          \
    X(ACTOR, EVENT_TEXT(actor))                                                                              \
    X(TIMESTAMP, ENTRY(timestamp, event.occurred_at))                                                        \
    X(RECORDED_AT, ENTRY(recorded_at, recorded_at))                                                          \
    X(HASH, COMPUTED_TEXT(hash))                                                                             \
    X(SIDE, EVENT_WORD_FLAGGED(side, side_text))                                                             \
    X(VENUE_EXEC_ID, EVENT_TEXT(venue_exec_id))                                                              \
    X(TRACE_ID, EVENT_FLAGGED(trace_id))

#define AUDIT_COLUMN(name, field) AUDIT_COLUMN_##name,
enum audit_column { AUDIT_COLUMN_LIST(AUDIT_COLUMN) AUDIT_COLUMNS };

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
