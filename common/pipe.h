/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes: ZeroMQ PUSH and PULL sockets with bounded queues that never block (docs/decisions/0029).
 *
 * A send goes to a live peer at once or says -EAGAIN (ZMQ_IMMEDIATE, ZMQ_DONTWAIT, bounded high-water marks,
 * linger 0 after a bounded wait at close). Messages longer than PIPE_MESSAGE_MAX are refused on both sides.
 * Endpoints are ipc:// or tcp://; an ipc:// path that does not fit sockaddr_un is -ENAMETOOLONG. With keys
 * set, every socket speaks CURVE (RFC 26/CurveZMQ), and whoever binds lets in the keys of its list alone
 * (ZAP, RFC 27); without keys tcp:// is allowed on loopback only. A host's name is resolved anew at each
 * attempt to connect; a name server that is slow delays the pipes to that host alone, or past seven hosts
 * that are named, those to some. Not shared between threads. */
#ifndef OXE_COMMON_PIPE_H
#define OXE_COMMON_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PIPE_MESSAGE_MAX = 4 * 1024 * 1024, /* bytes */
    PIPE_QUEUE_MAX = 10000,             /* messages a socket holds in each direction, unless told otherwise */
    PIPE_ALLOWED_MAX = 64,              /* keys that may connect */
};

struct pipe_keys {
    char public_key[41]; /* Z85, NUL-terminated; empty: no CURVE */
    char secret_key[41];
    char server_key[41]; /* the public key of the side that binds, where an endpoint does not name its own */
    size_t allowed_count;
    char allowed[PIPE_ALLOWED_MAX][41]; /* public keys of those who may connect */
};

struct pipe_context;

/* keys may be NULL or empty. Borrowed nothing. -EINVAL for keys that are not Z85. */
int pipe_context_create(const struct pipe_keys *keys, struct pipe_context **ret_context);
/* All pipes of it must be destroyed before. */
void pipe_context_destroy(struct pipe_context **context);

struct pipe;

enum pipe_kind { PIPE_PUSH, PIPE_PULL };

/* An endpoint to connect to may end in '#' and the public key of who binds it: tcp://host:port#KEY.
 *
 * queue_max: messages; 0 means PIPE_QUEUE_MAX. Bind removes a stale ipc socket file first; one that a live
 * process answers is -EADDRINUSE, one that is no socket -EEXIST. -EINVAL: neither ipc:// nor tcp://, or
 * connecting with keys but to no known key, binding with keys but for nobody; -EPERM: tcp:// beyond loopback
 * without keys. */
int pipe_bind(struct pipe_context *context, enum pipe_kind kind, const char *endpoint, int queue_max,
              struct pipe **ret_pipe);
int pipe_connect(struct pipe_context *context, enum pipe_kind kind, const char *endpoint, int queue_max,
                 struct pipe **ret_pipe);
/* A further endpoint on the same socket (a PULL of several upstreams; a PUSH that spreads). */
int pipe_also_connect(struct pipe *pipe, const char *endpoint);
void pipe_destroy(struct pipe **pipe);

/* 0; -EAGAIN: no peer or its queue is full; -EMSGSIZE. Copies. */
int pipe_send(struct pipe *pipe, const void *bytes, size_t length);

/* Whether pipe_send would find a peer with room now. */
bool pipe_can_send(const struct pipe *pipe);

/* Receives one message without waiting. *ret_bytes points into the pipe and holds until the next call on it.
 * -EAGAIN: none. */
int pipe_receive(struct pipe *pipe, const uint8_t **ret_bytes, size_t *ret_length);

/* How long the message received last can have waited here at most: since the pipe was found empty before it,
 * or opened. By no clock but our own monotonic one. */
int64_t pipe_waited_max_us(const struct pipe *pipe);

/* Waits until one of `pipes` (NULL entries are skipped) or `fds` (poll events POLLIN;
 * negative ones are skipped) can be read, or timeout_ms passed (-1: for ever). Sets
 * ready[i] for pipes first, then fds; ready may be NULL. Returns the number ready, 0
 * on timeout or signal, -errno. At most PIPE_POLL_MAX of both together. */
enum { PIPE_POLL_MAX = 96 };
int pipe_poll(struct pipe *const *pipes, size_t pipe_count, const int *fds, size_t fd_count, int timeout_ms,
              bool *ready);

/* ZMQ_FD for a foreign loop (the gateway's): edge-triggered; after it fires, receive until -EAGAIN. */
int pipe_fd(const struct pipe *pipe);

#endif
