/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/session/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/address.h"

enum {
    BACKLOG = 128,
    USER_TIMEOUT_MS = 30000, /* unacknowledged data: the peer is gone */
};

int source_watch(struct source *source, int epoll_fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    int operation = events == 0 ? EPOLL_CTL_DEL : source->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (events != source->watched && epoll_ctl(epoll_fd, operation, source->fd, &event) < 0)
        return -errno;
    source->watched = events;
    return 0;
}

int connection_listen(struct source *listener, const char *address, int epoll_fd, const struct log *log)
{
    listener->fd = address_listen(address, BACKLOG, 0);
    int error = listener->fd < 0 ? listener->fd : source_watch(listener, epoll_fd, EPOLLIN);
    if (error < 0)
        LOG_ALARM(log, LOG_ERROR, "cannot_listen", "process_down", log_errno_name(error), "oxectl doctor",
                  LOG_TEXT("address", address));
    return error;
}

int connection_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int one = 1, timeout_ms = USER_TIMEOUT_MS;
    if (fd < 0)
        return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
    return fd;
}

int connection_init(struct connection *connection, const struct source *source, int epoll_fd,
                    size_t in_capacity, size_t out_max)
{
    *connection =
        (struct connection){.source = *source, .in_capacity = in_capacity, .out = BUFFER_INIT(out_max)};
    connection->in = malloc(in_capacity);
    int error = connection->in == NULL ? -ENOMEM : source_watch(&connection->source, epoll_fd, EPOLLIN);
    if (error < 0)
        connection_release(connection);
    return error;
}

void connection_release(struct connection *connection)
{
    if (connection->source.fd >= 0)
        (void)close(connection->source.fd);
    connection->source.fd = -1;
    free(connection->in);
    connection->in = NULL;
    buffer_release(&connection->out);
}

ptrdiff_t connection_read(struct connection *connection)
{
    size_t room = connection->in_capacity - connection->in_length;
    if (room == 0)
        return -ENOBUFS;
    ssize_t got = recv(connection->source.fd, connection->in + connection->in_length, room, 0);
    if (got < 0)
        return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
    connection->in_length += (size_t)got;
    return got;
}

void connection_consume(struct connection *connection, size_t length)
{
    connection->in_length -= length;
    if (length > 0 && connection->in_length > 0)
        memmove(connection->in, connection->in + length, connection->in_length);
}

/* What was sent no longer counts against the bound. */
static void compact(struct connection *connection)
{
    struct buffer *out = &connection->out;
    out->length -= connection->out_sent;
    memmove(out->data, out->data + connection->out_sent, out->length);
    connection->out_sent = 0;
}

int connection_flush(struct connection *connection)
{
    return connection_flush_some(connection, connection_waiting(connection));
}

int connection_flush_some(struct connection *connection, size_t max)
{
    for (size_t left = max; left > 0;) {
        ssize_t sent =
            send(connection->source.fd, connection->out.data + connection->out_sent, left, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EWOULDBLOCK)
            return -errno;
        if (sent < 0) {
            compact(connection);
            return -EAGAIN;
        }
        connection->out_sent += (size_t)sent;
        left -= (size_t)sent;
    }
    if (connection_waiting(connection) > 0) {
        compact(connection);
        return 0;
    }
    buffer_clear(&connection->out);
    connection->out_sent = 0;
    return 0;
}
