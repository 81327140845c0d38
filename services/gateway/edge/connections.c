/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/connections.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"

enum { WRITE_TIMEOUT_MS = 20000 /* of TCP, for a client that does not read */ };

/* IPv4 as mapped into IPv6. */
static struct in6_addr peer_of(const h2o_socket_t *socket)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    struct in6_addr address = IN6ADDR_ANY_INIT;

    if (getpeername(h2o_socket_get_fd((h2o_socket_t *)socket), (struct sockaddr *)&name, &length) < 0)
        return address;
    if (name.ss_family == AF_INET6) {
        address = ((const struct sockaddr_in6 *)&name)->sin6_addr;
    } else if (name.ss_family == AF_INET) {
        address.s6_addr[10] = address.s6_addr[11] = 0xff;
        memcpy(&address.s6_addr[12], &((const struct sockaddr_in *)&name)->sin_addr, 4);
    }
    return address;
}

static struct connections *bucket_of(struct edge *edge, const struct in6_addr *address)
{
    uint64_t hash = hash_bytes(HASH_START, address->s6_addr, sizeof(address->s6_addr));

    return &edge->by_address[(hash ^ hash >> 32) % EDGE_ADDRESS_BUCKETS];
}

static bool may_connect(struct edge *edge, const struct in6_addr *address)
{
    int64_t here = 0;

    if (edge->connection_count >= (size_t)edge->config->connections_max)
        return false;
    for (const struct connection *other = LIST_FIRST(bucket_of(edge, address)); other != NULL;
         other = LIST_NEXT(other, in_bucket))
        here += IN6_ARE_ADDR_EQUAL(&other->address, address);
    return here < edge->config->connections_per_address;
}

static void on_connection_closed(void *data)
{
    struct connection *connection = data;

    LIST_REMOVE(connection, in_edge);
    LIST_REMOVE(connection, in_bucket);
    connection->edge->connection_count--;
    SSL_CTX_free(connection->tls);
    free(connection);
}

void connections_admit(struct edge *edge, h2o_socket_t *socket)
{
    unsigned int write_timeout_ms = WRITE_TIMEOUT_MS;
    struct in6_addr address = peer_of(socket);
    struct connection *connection = NULL;

    if (may_connect(edge, &address))
        connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        metrics_add(edge_metrics(edge), METRIC_CONNECTIONS_REFUSED, 0, 1);
        h2o_socket_close(socket);
        return;
    }
    *connection =
        (struct connection){.edge = edge, .address = address, .socket = socket, .tls = edge->accept.ssl_ctx};
    if (connection->tls != NULL)
        (void)SSL_CTX_up_ref(connection->tls);
    LIST_INSERT_HEAD(&edge->connections, connection, in_edge);
    LIST_INSERT_HEAD(bucket_of(edge, &address), connection, in_bucket);
    edge->connection_count++;
    socket->on_close.cb = on_connection_closed;
    socket->on_close.data = connection;
    (void)setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &write_timeout_ms,
                     sizeof(write_timeout_ms));
    h2o_accept(&edge->accept, socket);
}

void connections_mark_websocket(h2o_socket_t *socket)
{
    ((struct connection *)socket->on_close.data)->websocket = true;
}
