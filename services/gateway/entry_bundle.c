#include "services/gateway/entry_bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/audit_leaf.h"

/* The columns in their order; TRADER_SEQ and LOG_SEQ are in audit_entry.h. */
enum {
    EVENT_ID = 1,
    ORDER_ID,
    TRADER_ID,
    ACTION = 5,
    STATUS,
    EXECUTION_STATE,
    SYMBOL,
    QUANTITY,
    PRICE,
    TOTAL_FILLED,
    AVERAGE_PRICE,
    VENUE,
    REASON,
    MESSAGE,
    ACTOR,
    TIMESTAMP,
    RECORDED_AT,
    HASH,
    SIDE,
    VENUE_EXEC_ID,
    TRACE_ID,
};
_Static_assert(TRACE_ID + 1 == AUDIT_ENTRY_COLUMNS, "each column has its place");

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

static bool read_trace(const char *text, struct event *event)
{
    static const char digits[] = "0123456789abcdef";

    event->has_trace_id = text != NULL;
    if (text == NULL)
        return true;
    if (strlen(text) != (size_t)2 * TRACE_ID_BYTES || strspn(text, digits) != strlen(text))
        return false;
    for (size_t i = 0; i < TRACE_ID_BYTES; i++)
        event->trace_id[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                                       (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

static bool read_words(const char *const *columns, struct event *event)
{
    const char *action = columns[ACTION], *status = columns[STATUS], *state = columns[EXECUTION_STATE],
               *side = columns[SIDE];

    event->has_status = status != NULL;
    event->has_execution_state = state != NULL;
    event->has_side = side != NULL;
    return action != NULL && audit_action_parse(action, strlen(action), &event->action) == 0 &&
           (status == NULL || order_status_parse(status, strlen(status), &event->status) == 0) &&
           (state == NULL || execution_state_parse(state, strlen(state), &event->execution_state) == 0) &&
           (side == NULL || side_parse(side, strlen(side), &event->side) == 0);
}

static bool read_entry(const char *const *columns, struct audit_entry *entry)
{
    struct event *event = &entry->event;
    bool has_log_seq, has_event_id;

    return read_number(columns[AUDIT_ENTRY_LOG_SEQ], &has_log_seq, &entry->log_seq) && has_log_seq &&
           read_uuid(columns[EVENT_ID], &has_event_id, &event->event_id) && has_event_id &&
           read_uuid(columns[ORDER_ID], &event->has_order_id, &event->order_id) &&
           read_uuid(columns[TRADER_ID], &event->has_trader_id, &event->trader_id) &&
           read_number(columns[AUDIT_ENTRY_TRADER_SEQ], &entry->has_trader_seq, &entry->trader_seq) &&
           read_words(columns, event) && read_text(columns[SYMBOL], sizeof(event->symbol), event->symbol) &&
           read_decimal(columns[QUANTITY], &event->has_quantity, &event->quantity) &&
           read_decimal(columns[PRICE], &event->has_price, &event->price) &&
           read_decimal(columns[TOTAL_FILLED], &event->has_total_filled, &event->total_filled) &&
           read_decimal(columns[AVERAGE_PRICE], &event->has_average_price, &event->average_price) &&
           read_text(columns[VENUE], sizeof(event->venue), event->venue) &&
           read_text(columns[VENUE_EXEC_ID], sizeof(event->venue_exec_id), event->venue_exec_id) &&
           read_text(columns[REASON], sizeof(event->reason), event->reason) &&
           read_text(columns[MESSAGE], sizeof(event->message), event->message) &&
           read_text(columns[ACTOR], sizeof(event->actor), event->actor) &&
           read_trace(columns[TRACE_ID], event) && read_instant(columns[TIMESTAMP], &event->occurred_at) &&
           read_instant(columns[RECORDED_AT], &entry->recorded_at);
}

int entry_bundle_append(const char *const columns[static AUDIT_ENTRY_COLUMNS], struct buffer *out)
{
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX];
    struct audit_entry entry = {0};

    if (!read_entry(columns, &entry))
        return -EBADMSG;
    size_t length = audit_leaf_encode(&entry, encoding);
    const uint8_t head[] = {(uint8_t)(length >> 8), (uint8_t)length};
    buffer_append(out, head, sizeof(head));
    buffer_append(out, encoding, length);
    return 0;
}
