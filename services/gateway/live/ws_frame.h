/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a WebSocket (RFC 6455, from server to client): made once, shared by all connections that send
 * them. Pure. */
#ifndef OXE_GATEWAY_WS_FRAME_H
#define OXE_GATEWAY_WS_FRAME_H

#include <stddef.h>

/* With what a connection is closed. */
enum ws_code {
    WS_GOING_AWAY = 1001,
    WS_PROTOCOL = 1002,
    WS_UNSUPPORTED = 1003,
    WS_POLICY = 1008,
    WS_INTERNAL = 1011,
    WS_TRY_LATER = 1013,
    WS_TOKEN_ENDED = 4401,
    WS_TOKEN_OTHER = 4403,
    WS_SEQ_UNKNOWN = 4409,
    WS_TOO_MANY = 4429,
};

struct ws_frame {
    unsigned int references;
    size_t length;
    char bytes[]; /* as they are sent, header first */
};

/* Each has one reference; NULL: no memory. Text and binary are whole messages; raw bytes hold their header.
 */
struct ws_frame *ws_frame_text(const char *text, size_t length);
struct ws_frame *ws_frame_binary(const char *bytes, size_t length);
struct ws_frame *ws_frame_raw(const void *bytes, size_t length);
struct ws_frame *ws_frame_ref(struct ws_frame *frame);
void ws_frame_unref(struct ws_frame **frame); /* accepts NULL inside */

#endif
