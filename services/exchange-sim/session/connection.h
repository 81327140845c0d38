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
#include "common/log.h"

/* Something that epoll watches, and who is called when an event has come. */
struct source {
    int fd;
    int epoll_fd;
    uint32_t watched; /* for these events; 0: it is not watched */
    void *owner;
    void (*handle)(struct source *source);
};
/* Watches for these events from now on; 0: for none, not even the end. -errno. */
int source_watch(struct source *source, uint32_t events);

struct connection {
    struct source source; /* first */
    char *in;
    size_t in_length, in_capacity;
    struct buffer out;
    size_t out_sent;
};

/* What a listener makes of a connection: a struct of its own that begins with the connection. */
struct connection_kind {
    size_t size; /* of that struct */
    size_t in_capacity, out_max;
    void (*handle)(struct source *source);
};

/* Listens on "address:port" ("[::1]:80" for IPv6), and has epoll watch for connections; all else of the
 * source is set. -EINVAL for a text that is no address, or what the system says: it is logged. */
int connection_listen(struct source *listener, const char *address, const struct log *log);

/* Accepts one connection, with TCP_NODELAY and TCP_USER_TIMEOUT, and watches for its input; it has the
 * listener's owner. false: none waits. *ret_connection, zeroed behind the connection, is the caller's to
 * close; NULL: without `room` or memory it was closed at once. */
bool connection_accept(const struct source *listener, const struct connection_kind *kind, bool room,
                       struct connection **ret_connection);
/* Frees the struct that begins with it, too. */
void connection_close(struct connection *connection);

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
