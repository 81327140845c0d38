/* SPDX-License-Identifier: Apache-2.0 */
/* Live events to the traders' WebSockets: each seq once, in order, whatever Redis loses.
 *
 * Every session has a position: the last seq it was sent. A frame that Redis brings goes to the sessions
 * whose position is the one before it; a session that is behind reads what it misses from execution_logs, as
 * its trader. A channel (one per connected trader) keeps its latest frames, shared by its sessions, and the
 * last seq that is known to be in the log: from Redis, and once a second from one query over all connected
 * traders. */
#ifndef OXE_GATEWAY_HUB_H
#define OXE_GATEWAY_HUB_H

#include <h2o.h>
#include <stdbool.h>

#include "services/gateway/gateway.h"

enum {
    HUB_RECENT_MAX = 32,         /* frames that a channel keeps */
    HUB_FETCH_MAX = 200,         /* events read from the log at once */
    HUB_QUEUE_HIGH = 512,        /* frames waiting in a session at which reading from the log pauses */
    HUB_MESSAGE_MAX = 16 * 1024, /* bytes of a client's message */
};

/* -ENOMEM, -EINVAL (the Redis url). */
int hub_create(struct gateway *gateway, struct hub **ret_hub);
void hub_destroy(struct hub **hub);

/* Accepts the WebSocket of a request that is verified; answers 503 when that cannot be. With has_last_seq
 * every event after it is sent. Where the trader has OXE_WS_PER_TRADER already, the oldest is closed. */
void hub_join(struct hub *hub, struct request *request, const char *client_key, const char *protocol,
              bool has_last_seq, uint64_t last_seq);

/* Once a turn. */
void hub_tick(struct hub *hub, int64_t now_us);

size_t hub_sessions(const struct hub *hub);
bool hub_redis_is_up(const struct hub *hub);
/* All WebSockets of the gateway: pinged, reaped and in the end closed by the hub. */
struct ws_set *hub_sockets(struct hub *hub);
/* 1001 to every one. */
void hub_close_all(struct hub *hub);

#endif
