/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of a WebSocket (RFC 6455, version 13). */
#ifndef OXE_GATEWAY_HANDSHAKE_H
#define OXE_GATEWAY_HANDSHAKE_H

#include <stdbool.h>

struct request;

struct handshake {
    const char *key;      /* the client's; lives as long as the request */
    const char *protocol; /* the subprotocol to name; NULL: none */
};

/* False: the request is not one, and has been answered. */
bool handshake_read(struct request *request, struct handshake *ret_handshake);
/* The request is a WebSocket from here on: makes the 101 that ws_accept sends. */
void handshake_accept(struct request *request, const struct handshake *handshake);

#endif
