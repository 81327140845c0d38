/* SPDX-License-Identifier: Apache-2.0 */
/* Live events to the traders' WebSockets: the shell of feed.h, which decides who is sent what.
 *
 * It passes on what Redis brings, reads execution_logs as the session's trader, and asks once a second, in
 * one query, for the last seq of every connected trader. */
#ifndef OXE_GATEWAY_HUB_H
#define OXE_GATEWAY_HUB_H

#include <h2o.h>
#include <stdbool.h>

#include "services/gateway/gateway.h"
#include "services/gateway/live/handshake.h"

enum { HUB_MESSAGE_MAX = 16 * 1024 }; /* bytes of a client's message */

/* -ENOMEM, -EINVAL (the Redis url). */
int hub_create(struct gateway *gateway, struct hub **ret_hub);
void hub_destroy(struct hub **hub);

/* Accepts the WebSocket of a request that is verified; answers 503 when that cannot be. With has_last_seq
 * every event after it is sent. Where the trader has OXE_WS_PER_TRADER already, the oldest is closed. */
void hub_join(struct hub *hub, struct request *request, const struct handshake *handshake, bool has_last_seq,
              uint64_t last_seq);

/* Once a pass of the loop. */
void hub_tick(struct hub *hub, int64_t now_us);

size_t hub_sessions(const struct hub *hub);
bool hub_redis_is_up(const struct hub *hub);
/* All WebSockets of the gateway: pinged, reaped and in the end closed by the hub. */
struct ws_set *hub_sockets(struct hub *hub);
/* 1001 to every one. */
void hub_close_all(struct hub *hub);

#endif
