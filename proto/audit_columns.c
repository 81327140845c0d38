/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/audit_columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct audit_column_name audit_columns[AUDIT_COLUMNS] = {
    [AUDIT_COLUMN_LOG_SEQ] = {"log_seq", AUDIT_NUMBER},
    [AUDIT_COLUMN_EVENT_ID] = {"event_id", AUDIT_TEXT},
    [AUDIT_COLUMN_ORDER_ID] = {"order_id", AUDIT_TEXT},
    [AUDIT_COLUMN_TRADER_ID] = {"trader_id", AUDIT_TEXT},
    [AUDIT_COLUMN_TRADER_SEQ] = {"trader_seq", AUDIT_NUMBER},
    [AUDIT_COLUMN_ACTION] = {"action", AUDIT_TEXT},
    [AUDIT_COLUMN_STATUS] = {"status", AUDIT_TEXT},
    [AUDIT_COLUMN_EXECUTION_STATE] = {"execution_state", AUDIT_TEXT},
    [AUDIT_COLUMN_SYMBOL] = {"symbol", AUDIT_TEXT},
    [AUDIT_COLUMN_QUANTITY] = {"quantity", AUDIT_NUMBER},
    [AUDIT_COLUMN_PRICE] = {"price", AUDIT_NUMBER},
    [AUDIT_COLUMN_TOTAL_FILLED] = {"total_filled", AUDIT_NUMBER},
    [AUDIT_COLUMN_AVERAGE_PRICE] = {"average_price", AUDIT_NUMBER},
    [AUDIT_COLUMN_VENUE] = {"venue", AUDIT_TEXT},
    [AUDIT_COLUMN_REASON] = {"reason", AUDIT_TEXT},
    [AUDIT_COLUMN_MESSAGE] = {"message", AUDIT_TEXT},
    [AUDIT_COLUMN_ACTOR] = {"actor", AUDIT_TEXT},
    [AUDIT_COLUMN_TIMESTAMP] = {"timestamp", AUDIT_INSTANT},
    [AUDIT_COLUMN_RECORDED_AT] = {"recorded_at", AUDIT_INSTANT},
    [AUDIT_COLUMN_HASH] = {"hash", AUDIT_TEXT},
    [AUDIT_COLUMN_SIDE] = {"side", AUDIT_TEXT},
    [AUDIT_COLUMN_VENUE_EXEC_ID] = {"venue_exec_id", AUDIT_TEXT},
    [AUDIT_COLUMN_TRACE_ID] = {"trace_id", AUDIT_TEXT},
};

/* Each reads a column that may be NULL, and says whether it could. */

static bool read_number(const char *text, bool *ret_has, uint64_t *ret_number)
{
    char *end = NULL;

    *ret_has = text != NULL;
    if (text == NULL)
        return true;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *ret_number = (uint64_t)number;
    return errno == 0 && end != text && *end == '\0';
}

static bool read_instant(const char *text, struct instant *ret_instant)
{
    uint64_t us = 0;
    bool has = false;
    bool read = read_number(text, &has, &us);

    *ret_instant = (struct instant){(int64_t)us};
    return read && has;
}

static bool read_uuid(const char *text, bool *ret_has, struct uuid *ret_id)
{
    *ret_has = text != NULL;
    return text == NULL || uuid_parse(text, strlen(text), ret_id) == 0;
}

static bool read_decimal(const char *text, bool *ret_has, struct decimal *ret_value)
{
    *ret_has = text != NULL;
    return text == NULL || decimal_parse(text, strlen(text), ret_value) == 0;
}

static bool read_text(const char *text, size_t max, char *ret_text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    if (length >= max)
        return false;
    if (length > 0)
        memcpy(ret_text, text, length + 1);
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_trace(const char *text, struct event *event)
{
    event->has_trace_id = text != NULL;
    if (text == NULL)
        return true;
    if (strlen(text) != (size_t)2 * TRACE_ID_BYTES)
        return false;
    for (size_t i = 0; i < TRACE_ID_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        event->trace_id[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_column(enum audit_column column, const char *text, struct audit_entry *entry)
{
    struct event *event = &entry->event;
    size_t length = text == NULL ? 0 : strlen(text);
    bool has;

    switch (column) {
    case AUDIT_COLUMN_LOG_SEQ:
        return read_number(text, &has, &entry->log_seq) && has;
    case AUDIT_COLUMN_EVENT_ID:
        return read_uuid(text, &has, &event->event_id) && has;
    case AUDIT_COLUMN_ORDER_ID:
        return read_uuid(text, &event->has_order_id, &event->order_id);
    case AUDIT_COLUMN_TRADER_ID:
        return read_uuid(text, &event->has_trader_id, &event->trader_id);
    case AUDIT_COLUMN_TRADER_SEQ:
        return read_number(text, &entry->has_trader_seq, &entry->trader_seq);
    case AUDIT_COLUMN_ACTION:
        return text != NULL && audit_action_parse(text, length, &event->action) == 0;
    case AUDIT_COLUMN_STATUS:
        event->has_status = text != NULL;
        return text == NULL || order_status_parse(text, length, &event->status) == 0;
    case AUDIT_COLUMN_EXECUTION_STATE:
        event->has_execution_state = text != NULL;
        return text == NULL || execution_state_parse(text, length, &event->execution_state) == 0;
    case AUDIT_COLUMN_SYMBOL:
        return read_text(text, sizeof(event->symbol), event->symbol);
    case AUDIT_COLUMN_QUANTITY:
        return read_decimal(text, &event->has_quantity, &event->quantity);
    case AUDIT_COLUMN_PRICE:
        return read_decimal(text, &event->has_price, &event->price);
    case AUDIT_COLUMN_TOTAL_FILLED:
        return read_decimal(text, &event->has_total_filled, &event->total_filled);
    case AUDIT_COLUMN_AVERAGE_PRICE:
        return read_decimal(text, &event->has_average_price, &event->average_price);
    case AUDIT_COLUMN_VENUE:
        return read_text(text, sizeof(event->venue), event->venue);
    case AUDIT_COLUMN_REASON:
        return read_text(text, sizeof(event->reason), event->reason);
    case AUDIT_COLUMN_MESSAGE:
        return read_text(text, sizeof(event->message), event->message);
    case AUDIT_COLUMN_ACTOR:
        return read_text(text, sizeof(event->actor), event->actor);
    case AUDIT_COLUMN_TIMESTAMP:
        return read_instant(text, &event->occurred_at);
    case AUDIT_COLUMN_RECORDED_AT:
        return read_instant(text, &entry->recorded_at);
    case AUDIT_COLUMN_SIDE:
        event->has_side = text != NULL;
        return text == NULL || side_parse(text, length, &event->side) == 0;
    case AUDIT_COLUMN_VENUE_EXEC_ID:
        return read_text(text, sizeof(event->venue_exec_id), event->venue_exec_id);
    case AUDIT_COLUMN_TRACE_ID:
        return read_trace(text, event);
    case AUDIT_COLUMN_HASH:
    case AUDIT_COLUMNS:
        break;
    }
    return true;
}

int audit_columns_read(const char *const columns[static AUDIT_COLUMNS], struct audit_entry *ret_entry,
                       enum audit_column *ret_column)
{
    *ret_entry = (struct audit_entry){0};
    for (enum audit_column column = 0; column < AUDIT_COLUMNS; column++) {
        if (!read_column(column, columns[column], ret_entry)) {
            *ret_column = column;
            return -EBADMSG;
        }
    }
    return 0;
}
