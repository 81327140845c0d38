/* SPDX-License-Identifier: Apache-2.0 */
/* The public HTTP server: listener, connections, requests to routes, and answers that h2o makes itself. */
#ifndef OXE_GATEWAY_HTTP_H
#define OXE_GATEWAY_HTTP_H

#include "services/gateway/edge/edge.h"

/* Sets up h2o on a new loop; listens nowhere yet. */
void http_init(struct edge *edge);
/* Begins to take connections. -errno of the address. */
int http_listen(struct edge *edge);
/* Takes no more connections, and no more requests on those that are open. */
void http_drain(struct edge *edge);
/* Ends all connections and frees h2o. The last thing: everything on the loop is gone before. */
void http_release(struct edge *edge);
/* Takes the certificate from its files again; while they are not good the old one stays. */
void http_reload(struct edge *edge);
/* Answers requests that have waited too long, and forgets those whose client has gone. */
void http_tick(struct edge *edge, int64_t now_us);

#endif
