/* SPDX-License-Identifier: Apache-2.0 */
/* One TCP connection of a server: listening, reading and writing without ever waiting, queues with a bound.
 *
 * What is to be sent is gathered in `out` and leaves with connection_flush, so that the caller decides when.
 * `out` is bounded: a peer that does not read makes it fail, and the caller drops the connection. */
#ifndef OXE_EXCHANGE_SIM_CONNECTION_H
#define OXE_EXCHANGE_SIM_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

struct connection {
    int fd;
    char *in;
    size_t in_length, in_capacity;
    struct buffer out;
    size_t out_sent;
};

/* Listens on "address:port" ("[::1]:80" for IPv6). Returns the descriptor or -errno; -EINVAL for a text that
 * is no address. */
int connection_listen(const char *address);
/* NULL, or what is wrong with an address: for the configuration. */
const char *connection_check_address(const char *address);

/* Accepts one connection, with TCP_NODELAY and TCP_USER_TIMEOUT. -EAGAIN: none waits. */
int connection_accept(int listener);

/* Takes over the descriptor (closed on failure too). */
int connection_init(struct connection *connection, int fd, size_t in_capacity, size_t out_max);
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
