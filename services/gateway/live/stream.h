/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket operation: handshake, tokens of browsers, origins. */
#ifndef OXE_GATEWAY_STREAM_H
#define OXE_GATEWAY_STREAM_H

#include <stdbool.h>

struct request;

/* The key of a handshake for version 13; NULL: it is not one, and has been answered. */
const char *stream_read_handshake(struct request *request);

/* Finds the token in the subprotocols or the query. False: there is none. */
bool stream_read_token(struct request *request);

#endif
