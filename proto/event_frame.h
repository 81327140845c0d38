/* SPDX-License-Identifier: Apache-2.0 */
/* The text frames of the trader's WebSocket (contract: schema OrderEvent), and how Redis carries them.
 *
 * A frame depends on nothing but the event's fields that execution_logs stores, and on its seq: one that is
 * rendered from a row of the log equals, byte for byte, the one that was sent live. Appends to `out`;
 * -ENOBUFS, -ENOMEM as the buffer says. */
#ifndef OXE_PROTO_EVENT_FRAME_H
#define OXE_PROTO_EVENT_FRAME_H

#include "proto/proto.h"

/* -EINVAL, and nothing appended, for what no trader is told: what is not about an order, an unknown action.
 */
int event_frame_render(const struct event *event, uint64_t seq, struct buffer *out);

/* The first frame of a session: session.ready with the trader's last seq in the log. */
int event_frame_ready(uint64_t seq, struct instant now, struct buffer *out);

/* --- through Redis: one channel per trader, one line of a payload per frame, in order of seq --- */

enum { EVENT_FRAME_CHANNEL_MAX = 7 + UUID_TEXT_MAX };

/* "orders:{trader_id}"; returns its length. */
size_t event_frame_channel(struct uuid trader_id, char ret_channel[static EVENT_FRAME_CHANNEL_MAX]);
/* -EINVAL: no trader's channel. */
int event_frame_parse_channel(const char *channel, struct uuid *ret_trader_id);

/* Appends a frame as a further line; errors as event_frame_render. */
int event_frame_add_line(const struct event *event, uint64_t seq, struct buffer *payload);

struct event_frame_line {
    const char *text; /* within the payload */
    size_t length;
    uint64_t seq;
    struct instant occurred_at; /* 0: the frame does not tell */
};

/* Moves *at behind the next frame. False: there are no more. Lines that are no frames are passed over. */
bool event_frame_next_line(const char **at, const char *end, struct event_frame_line *ret_line);

#endif
