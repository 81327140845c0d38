/* SPDX-License-Identifier: Apache-2.0 */
/* The public HTTP server: listener, connections, requests to routes, and answers that h2o makes itself. */
#ifndef OXE_GATEWAY_HTTP_H
#define OXE_GATEWAY_HTTP_H

#include "services/gateway/gateway.h"

/* Sets up h2o on a new loop; listens nowhere yet. */
void http_init(struct gateway *gateway);
/* Begins to take connections. -errno of the address. */
int http_listen(struct gateway *gateway);
/* Takes no more connections, and no more requests on those that are open. */
void http_drain(struct gateway *gateway);
/* Ends all connections and frees h2o. The last thing: everything on the loop is gone before. */
void http_release(struct gateway *gateway);
/* The connection of this socket is a WebSocket from now on. */
void http_mark_websocket(h2o_socket_t *socket);
/* Takes the certificate from its files again; while they are not good the old one stays. */
void http_reload(struct gateway *gateway);
/* Answers requests that have waited too long, and forgets those whose client has gone. */
void http_tick(struct gateway *gateway, int64_t now_us);

#endif
