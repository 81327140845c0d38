/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/audit_columns.h"

#include <errno.h>
#include <string.h>

#include "proto/row.h"

#define ENTRY(column, member) ROW_FIELD(struct audit_entry, column, member)
#define EVENT(column)         ROW_FIELD(struct audit_entry, column, event.column)
#define EVENT_TEXT(column)    ROW_OPTIONAL(struct audit_entry, column, event.column)
#define EVENT_FLAGGED(column) ROW_FLAGGED(struct audit_entry, column, event.has_##column, event.column)
#define EVENT_WORD_FLAGGED(column, text)                                                                     \
    ROW_FLAGGED_WORD(struct audit_entry, column, event.has_##column, event.column, text)

const struct schema_field audit_columns[AUDIT_COLUMNS] = {
    [AUDIT_COLUMN_LOG_SEQ] = ENTRY(log_seq, log_seq),
    [AUDIT_COLUMN_EVENT_ID] = EVENT(event_id),
    [AUDIT_COLUMN_ORDER_ID] = EVENT_FLAGGED(order_id),
    [AUDIT_COLUMN_TRADER_ID] = EVENT_FLAGGED(trader_id),
    [AUDIT_COLUMN_TRADER_SEQ] = ROW_FLAGGED(struct audit_entry, trader_seq, has_trader_seq, trader_seq),
    [AUDIT_COLUMN_ACTION] = ROW_WORD(struct audit_entry, action, event.action, audit_action_text),
    [AUDIT_COLUMN_STATUS] = EVENT_WORD_FLAGGED(status, order_status_text),
    [AUDIT_COLUMN_EXECUTION_STATE] = EVENT_WORD_FLAGGED(execution_state, execution_state_text),
    [AUDIT_COLUMN_SYMBOL] = EVENT_TEXT(symbol),
    [AUDIT_COLUMN_QUANTITY] = EVENT_FLAGGED(quantity),
    [AUDIT_COLUMN_PRICE] = EVENT_FLAGGED(price),
    [AUDIT_COLUMN_TOTAL_FILLED] = EVENT_FLAGGED(total_filled),
    [AUDIT_COLUMN_AVERAGE_PRICE] = EVENT_FLAGGED(average_price),
    [AUDIT_COLUMN_VENUE] = EVENT_TEXT(venue),
    [AUDIT_COLUMN_REASON] = EVENT_TEXT(reason),
    [AUDIT_COLUMN_MESSAGE] = EVENT_TEXT(message),
    [AUDIT_COLUMN_ACTOR] = EVENT_TEXT(actor),
    [AUDIT_COLUMN_TIMESTAMP] = ENTRY(timestamp, event.occurred_at),
    [AUDIT_COLUMN_RECORDED_AT] = ENTRY(recorded_at, recorded_at),
    [AUDIT_COLUMN_HASH] = {.name = "hash", .kind = SCHEMA_TEXT},
    [AUDIT_COLUMN_SIDE] = EVENT_WORD_FLAGGED(side, side_text),
    [AUDIT_COLUMN_VENUE_EXEC_ID] = EVENT_TEXT(venue_exec_id),
    [AUDIT_COLUMN_TRACE_ID] = EVENT_FLAGGED(trace_id),
};

enum audit_column_kind audit_column_kind(size_t column)
{
    switch (audit_columns[column].kind) {
    case SCHEMA_U64:
    case SCHEMA_DECIMAL:
        return AUDIT_NUMBER;
    case SCHEMA_INSTANT:
        return AUDIT_INSTANT;
    default:
        return AUDIT_TEXT;
    }
}

int audit_columns_read(const char *const columns[static AUDIT_COLUMNS], struct audit_entry *ret_entry,
                       enum audit_column *ret_column)
{
    *ret_entry = (struct audit_entry){0};
    for (enum audit_column column = 0; column < AUDIT_COLUMNS; column++) {
        const char *text = columns[column];
        if (column == AUDIT_COLUMN_HASH)
            continue;
        if (row_set_field(&audit_columns[column], text, text == NULL ? 0 : strlen(text), ret_entry) < 0) {
            *ret_column = column;
            return -EBADMSG;
        }
    }
    return 0;
}
