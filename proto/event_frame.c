/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/event_frame.h"

#include <errno.h>
#include <string.h>

#include "proto/json.h"

/* How a frame of an order's event begins, with the action and the seq between and after; nothing that anybody
 * can choose stands before the seq. */
static const char frame_begin[] = "{\"event\":\"order.", seq_begin[] = "\",\"seq\":";
static const char channel_begin[] = "orders:";

static void append_seq(struct buffer *out, uint64_t seq)
{
    buffer_append_text(out, seq_begin);
    buffer_append_i64(out, (int64_t)seq);
}

/* "order." and the action in lower case. */
static void append_name(struct buffer *out, enum audit_action action)
{
    char name[32];
    size_t length = 0;

    for (const char *text = audit_action_text(action); *text != '\0' && length < sizeof(name); text++)
        name[length++] = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    buffer_append_text(out, frame_begin);
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

static bool is_told(const struct event *event, uint64_t seq)
{
    return audit_action_is_of_order(event->action) && event->has_order_id && seq <= INT64_MAX;
}

int event_frame_render(const struct event *event, uint64_t seq, struct buffer *out)
{
    if (!is_told(event, seq))
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

size_t event_frame_channel(struct uuid trader_id, char ret_channel[static EVENT_FRAME_CHANNEL_MAX])
{
    memcpy(ret_channel, channel_begin, sizeof(channel_begin));
    uuid_format(trader_id, ret_channel + sizeof(channel_begin) - 1);
    return strlen(ret_channel);
}

int event_frame_parse_channel(const char *channel, struct uuid *ret_trader_id)
{
    const size_t begin = sizeof(channel_begin) - 1;

    if (strncmp(channel, channel_begin, begin) != 0)
        return -EINVAL;
    return uuid_parse(channel + begin, strlen(channel + begin), ret_trader_id) < 0 ? -EINVAL : 0;
}

int event_frame_add_line(const struct event *event, uint64_t seq, struct buffer *payload)
{
    if (!is_told(event, seq))
        return -EINVAL;
    if (payload->length > 0)
        buffer_append_char(payload, '\n');
    return event_frame_render(event, seq, payload);
}

static const char *skip(const char *at, const char *end, const char *text, size_t length)
{
    return at != NULL && (size_t)(end - at) >= length && memcmp(at, text, length) == 0 ? at + length : NULL;
}

/* 0: the line is no frame. */
static uint64_t read_seq(const char *at, const char *end)
{
    uint64_t seq = 0;

    at = skip(at, end, frame_begin, sizeof(frame_begin) - 1);
    while (at != NULL && at < end && ((*at >= 'a' && *at <= 'z') || *at == '_'))
        at++;
    at = skip(at, end, seq_begin, sizeof(seq_begin) - 1);
    for (; at != NULL && at < end && *at >= '0' && *at <= '9' && seq <= INT64_MAX / 10; at++)
        seq = seq * 10 + (uint64_t)(*at - '0');
    return seq;
}

/* The time ends a frame: "2025-10-17T12:01:05.000000Z"}. */
static struct instant read_time(const char *text, size_t length)
{
    enum { TIME_LENGTH = 27, END_LENGTH = 2 };
    struct instant occurred_at = {0};

    if (length > TIME_LENGTH + END_LENGTH)
        (void)instant_parse(text + length - END_LENGTH - TIME_LENGTH, TIME_LENGTH, &occurred_at);
    return occurred_at;
}

bool event_frame_next_line(const char **at, const char *end, struct event_frame_line *ret_line)
{
    while (*at < end) {
        const char *text = *at, *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline == NULL ? end : newline;
        uint64_t seq = read_seq(text, stop);
        *at = stop + (newline != NULL);
        if (seq == 0)
            continue;
        size_t length = (size_t)(stop - text);
        *ret_line = (struct event_frame_line){text, length, seq, read_time(text, length)};
        return true;
    }
    return false;
}
