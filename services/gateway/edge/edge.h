/* SPDX-License-Identifier: Apache-2.0 */
/* The public HTTP side of the gateway: its connections, the requests that wait, and the routes it was given.
 * It knows no operation: whoever makes it passes their table, and what each request begins with. */
#ifndef OXE_GATEWAY_EDGE_H
#define OXE_GATEWAY_EDGE_H

#include <h2o.h>
#include <sys/queue.h>

#include "common/buffer.h"
#include "common/service.h"
#include "services/gateway/edge/handles.h"
#include "services/gateway/edge/idempotency.h"
#include "services/gateway/edge/routes.h"
#include "services/gateway/gateway_config.h"
#include "services/gateway/gateway_metrics.h"

enum { EDGE_ADDRESS_BUCKETS = 1024 };

struct lingering;

LIST_HEAD(connections, connection);

struct edge {
    struct service *service;
    const struct gateway_config *config;
    const struct routes *routes;
    void (*begin)(struct request *request); /* who asks; then the operation runs */
    struct gateway *gateway;                /* what operations stand on: passed on, not looked into */
    bool development;                       /* routes of development are known */
    bool draining;

    h2o_globalconf_t http;
    h2o_context_t context;
    bool context_ready;
    h2o_accept_ctx_t accept; /* its ssl_ctx: NULL without TLS */
    h2o_socket_t *listener;
    struct connections connections; /* for the drain: h2o does not list the idle ones */
    size_t connection_count;
    struct connections by_address[EDGE_ADDRESS_BUCKETS];
    struct lingering *linger;

    struct uuid_source ids;
    struct idempotency_clock stamps;
    struct handles *parked; /* of struct request */
    struct buffer body;     /* of the answer being written; reused */
    int64_t next_sweep_us;
    int64_t next_web_complaint_us;
};

static inline const struct log *edge_log(const struct edge *edge)
{
    return &edge->service->log;
}

static inline struct metrics *edge_metrics(const struct edge *edge)
{
    return edge->service->metrics;
}

#endif
