/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket connections (RFC 6455) on h2o's sockets: bounded queues, shared frames, pings, a hard end.
 *
 * A frame is made once and shared by every connection that sends it. A connection that falls WS_QUEUE_MAX
 * frames behind is closed with 1013. Once both sides have said close, or the client has broken the protocol,
 * our side of the stream ends and the client's is read to its end; WS_CLOSE_TIMEOUT_MS after a close it is
 * cut anyhow. A dead connection is only marked; ws_set_reap, once a pass of the loop, tells its owner and
 * frees it, so that nothing dies within a callback. */
#ifndef OXE_GATEWAY_WS_H
#define OXE_GATEWAY_WS_H

#include <h2o.h>
#include <stdbool.h>

#include "services/gateway/live/ws_frame.h"

enum {
    WS_QUEUE_MAX = 1024, /* frames of a connection that wait */
    WS_QUEUE_LOW = 64,   /* at which the owner is told that it may go on */
    WS_DEAD_PINGS = 3,   /* without a byte from the client a connection is dead */
    WS_CLOSE_TIMEOUT_MS = 2000,
};

struct ws;
struct ws_set;

/* What the owner takes and is told. */
struct ws_events {
    size_t message_max;          /* bytes of a client's message; a longer one is closed with 1009 */
    void (*opened)(void *owner); /* the 101 is written */
    void (*text)(void *owner, const char *text, size_t length);
    void (*binary)(void *owner, const char *bytes, size_t length); /* NULL: closed with 1003 */
    void (*drained)(void *owner);                                  /* the queue has fallen to WS_QUEUE_LOW */
    void (*closed)(void *owner);                                   /* the last call; ws is gone after it */
};

/* An empty set; each connection is pinged every ping_ms. */
int ws_set_create(int64_t ping_ms, struct ws_set **ret_set);
/* Cuts what is left; owners are told. */
void ws_set_destroy(struct ws_set **set);
size_t ws_set_count(const struct ws_set *set);
/* Closes all that are in it. */
void ws_set_close(struct ws_set *set, enum ws_code code, const char *reason);
/* Once a pass of the loop. */
void ws_set_reap(struct ws_set *set);
/* Pings and time limits: about once a second. */
void ws_set_tick(struct ws_set *set, int64_t now_us);

/* Sends the 101 that handshake_accept has made, and takes the connection; `events` and `owner` are borrowed
 * until closed. -ENOMEM (nothing was sent). */
int ws_accept(struct ws_set *set, h2o_req_t *req, const struct ws_events *events, void *owner,
              struct ws **ret_ws);

/* Queues a frame (takes a reference of its own). False: the connection is closing, or was too slow and is
 * now. */
bool ws_send(struct ws *ws, struct ws_frame *frame);
size_t ws_queued(const struct ws *ws);
/* Closes after what is queued; the first close counts. */
void ws_close(struct ws *ws, enum ws_code code, const char *reason);
/* A close was sent or has come, or the connection is dead: it ends without its owner's doing. */
bool ws_is_closing(const struct ws *ws);
bool ws_is_slow(const struct ws *ws);

#endif
