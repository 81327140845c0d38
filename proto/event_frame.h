/* SPDX-License-Identifier: Apache-2.0 */
/* The text frames of the trader's WebSocket (contract: schema OrderEvent).
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

#endif
