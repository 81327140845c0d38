/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket operation: tokens of browsers, origins, the place to begin at. */
#ifndef OXE_GATEWAY_STREAM_H
#define OXE_GATEWAY_STREAM_H

#include <stdbool.h>

struct request;

/* Finds the token in the subprotocols or the query. False: there is none. */
bool stream_read_token(struct request *request);

#endif
