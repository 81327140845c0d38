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

int source_watch(struct source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    int operation = events == 0 ? EPOLL_CTL_DEL : source->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (events != source->watched && epoll_ctl(source->epoll_fd, operation, source->fd, &event) < 0)
        return -errno;
    source->watched = events;
    return 0;
}

int connection_listen(struct source *listener, const char *address, const struct log *log)
{
    listener->fd = address_listen(address, BACKLOG, 0);
    int error = listener->fd < 0 ? listener->fd : source_watch(listener, EPOLLIN);
    if (error < 0)
        LOG_ALARM(log, LOG_ERROR, "cannot_listen", "process_down", log_errno_name(error), "oxectl doctor",
                  LOG_TEXT("address", address));
    return error;
}

bool connection_accept(const struct source *listener, const struct connection_kind *kind, bool room,
                       struct connection **ret_connection)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int one = 1, timeout_ms = USER_TIMEOUT_MS;
    if (fd < 0)
        return false;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
    *ret_connection = NULL;
    struct connection *connection = room ? calloc(1, kind->size) : NULL;
    if (connection == NULL) {
        (void)close(fd);
        return true;
    }
    *connection = (struct connection){
        .source = {.fd = fd,
                   .epoll_fd = listener->epoll_fd,
                   .owner = listener->owner,
                   .handle = kind->handle},
        .in = malloc(kind->in_capacity),
        .in_capacity = kind->in_capacity,
        .out = BUFFER_INIT(kind->out_max),
    };
    if (connection->in != NULL && source_watch(&connection->source, EPOLLIN) == 0)
        *ret_connection = connection;
    else
        connection_close(connection);
    return true;
}

void connection_close(struct connection *connection)
{
    (void)close(connection->source.fd);
    free(connection->in);
    buffer_release(&connection->out);
    free(connection);
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

int connection_flush(struct connection *connection)
{
    return connection_flush_some(connection, connection_waiting(connection));
}

int connection_flush_some(struct connection *connection, size_t max)
{
    struct buffer *out = &connection->out;
    int error = 0;
    while (max > 0 && error == 0) {
        ssize_t sent = send(connection->source.fd, out->data + connection->out_sent, max, MSG_NOSIGNAL);
        if (sent >= 0) {
            connection->out_sent += (size_t)sent;
            max -= (size_t)sent;
        } else if (errno != EINTR) {
            error = errno == EWOULDBLOCK ? -EAGAIN : -errno;
        }
    }
    /* What was sent no longer counts against the bound. */
    size_t waiting = connection_waiting(connection);
    if (waiting == 0)
        buffer_clear(out);
    else
        memmove(out->data, out->data + connection->out_sent, waiting);
    out->length = waiting;
    connection->out_sent = 0;
    return error;
}
