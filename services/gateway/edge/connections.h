/* SPDX-License-Identifier: Apache-2.0 */
/* Clients' connections: how many there may be, in all and from one address. */
#ifndef OXE_GATEWAY_CONNECTIONS_H
#define OXE_GATEWAY_CONNECTIONS_H

#include <netinet/in.h>

#include "services/gateway/edge/edge.h"

/* Lives as long as its socket. */
struct connection {
    struct edge *edge;
    LIST_ENTRY(connection) in_edge, in_bucket; /* of addresses */
    struct in6_addr address;
    h2o_socket_t *socket;
    SSL_CTX *tls; /* a reference: h2o keeps the bare pointer until the client speaks; NULL without TLS */
    bool websocket;
};

/* Hands the socket to h2o, or closes it when there are as many as there may be. */
void connections_admit(struct edge *edge, h2o_socket_t *socket);
/* The connection of this socket is a WebSocket from now on. */
void connections_mark_websocket(h2o_socket_t *socket);

#endif
