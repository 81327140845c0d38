/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/event_frame.h"

#include <errno.h>

#include "proto/json.h"

static void append_seq(struct buffer *out, uint64_t seq)
{
    buffer_append_text(out, "\",\"seq\":");
    buffer_append_i64(out, (int64_t)seq);
}

/* "order." and the action in lower case. */
static void append_name(struct buffer *out, enum audit_action action)
{
    char name[32];
    size_t length = 0;

    for (const char *text = audit_action_text(action); *text != '\0' && length < sizeof(name); text++)
        name[length++] = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    buffer_append_text(out, "{\"event\":\"order.");
    buffer_append(out, name, length);
}

static void append_fill(struct buffer *out, const struct event *event)
{
    if (event->has_quantity) {
        buffer_append_text(out, ",\"quantity_filled\":");
        json_append_decimal(out, event->quantity);
    }
    if (event->has_price) {
        buffer_append_text(out, ",\"price_at_fill\":");
        json_append_decimal(out, event->price);
    }
}

/* With the side, what a row of a list needs before anybody has asked for the order. */
static void append_order(struct buffer *out, const struct event *event)
{
    if (!event->has_quantity)
        return;
    buffer_append_text(out, ",\"quantity\":");
    json_append_decimal(out, event->quantity);
    buffer_append_text(out, ",\"price\":");
    json_append_optional_decimal(out, event->has_price, event->price);
}

int event_frame_render(const struct event *event, uint64_t seq, struct buffer *out)
{
    if (!audit_action_is_of_order(event->action) || !event->has_order_id || seq > INT64_MAX)
        return -EINVAL;
    append_name(out, event->action);
    append_seq(out, seq);
    buffer_append_text(out, ",\"order_id\":");
    json_append_uuid(out, event->order_id);
    if (event->symbol[0] != '\0') {
        buffer_append_text(out, ",\"symbol\":");
        json_append_text(out, event->symbol);
    }
    if (event->has_side) {
        buffer_append_text(out, ",\"side\":");
        json_append_text(out, side_text(event->side));
    }
    if (event->action == AUDIT_ACTION_FILLED)
        append_fill(out, event);
    else
        append_order(out, event);
    if (event->has_total_filled) {
        buffer_append_text(out, ",\"total_filled\":");
        json_append_decimal(out, event->total_filled);
    }
    buffer_append_text(out, ",\"average_price\":");
    json_append_optional_decimal(out, event->has_average_price, event->average_price);
    if (event->has_status) {
        buffer_append_text(out, ",\"status\":");
        json_append_text(out, order_status_text(event->status));
    }
    if (event->has_execution_state) {
        buffer_append_text(out, ",\"execution_state\":");
        json_append_text(out, execution_state_text(event->execution_state));
    }
    buffer_append_text(out, ",\"reason\":");
    json_append_optional_text(out, event->reason);
    buffer_append_text(out, ",\"message\":");
    json_append_optional_text(out, event->message);
    buffer_append_text(out, ",\"timestamp\":");
    json_append_instant(out, event->occurred_at);
    buffer_append_char(out, '}');
    return out->error;
}

int event_frame_ready(uint64_t seq, struct instant now, struct buffer *out)
{
    if (seq > INT64_MAX)
        return -EINVAL;
    buffer_append_text(out, "{\"event\":\"session.ready");
    append_seq(out, seq);
    buffer_append_text(out, ",\"timestamp\":");
    json_append_instant(out, now);
    buffer_append_char(out, '}');
    return out->error;
}
