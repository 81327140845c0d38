/* SPDX-License-Identifier: Apache-2.0 */
/* What the loop waits for, and TCP connections of a server: listening, reading and writing without ever
 * waiting, queues with a bound.
 *
 * What is to be sent is gathered in `out` and leaves with connection_flush, so that the caller decides when.
 * `out` is bounded: a peer that does not read makes it fail, and the caller drops the connection. */
#ifndef OXE_EXCHANGE_SIM_CONNECTION_H
#define OXE_EXCHANGE_SIM_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/log.h"

/* The moment at which a turn of the loop began. */
struct turn {
    struct instant now;
    int64_t monotonic_us;
};

/* Something that epoll watches, and who is called when an event has come. */
struct source {
    int fd;
    uint32_t watched; /* for these events; 0: it is not watched */
    void *owner;
    void (*handle)(struct source *source, const struct turn *turn);
};
/* Watches for these events from now on; 0: for none, not even the end. -errno. */
int source_watch(struct source *source, int epoll_fd, uint32_t events);

struct connection {
    struct source source; /* first, as is the connection in what the owner has of a client */
    char *in;
    size_t in_length, in_capacity;
    struct buffer out;
    size_t out_sent;
};

/* Listens on "address:port" ("[::1]:80" for IPv6), and has epoll watch for connections; the source's owner
 * and handler are set. -EINVAL for a text that is no address, or what the system says: it is logged. */
int connection_listen(struct source *listener, const char *address, int epoll_fd, const struct log *log);

/* Accepts one connection, with TCP_NODELAY and TCP_USER_TIMEOUT. -EAGAIN: none waits. */
int connection_accept(int listener);

/* Takes over the descriptor (closed on failure too), which is watched for input. */
int connection_init(struct connection *connection, const struct source *source, int epoll_fd,
                    size_t in_capacity, size_t out_max);
void connection_release(struct connection *connection);

/* Reads once into what is free of `in`. Bytes read; 0 when the peer has closed; -EAGAIN; -ENOBUFS when `in`
 * is full; -errno. */
ptrdiff_t connection_read(struct connection *connection);
/* Drops the first `length` bytes of `in`. */
void connection_consume(struct connection *connection, size_t length);

/* Writes what `out` holds. 0: all is written; -EAGAIN: the rest when the socket is writable; -errno. */
int connection_flush(struct connection *connection);
/* At most so many bytes of it; no more than wait. 0: they are written. */
int connection_flush_some(struct connection *connection, size_t max);
static inline size_t connection_waiting(const struct connection *connection)
{
    return connection->out.length - connection->out_sent;
}

#endif
