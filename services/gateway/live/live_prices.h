/* SPDX-License-Identifier: Apache-2.0 */
/* Last prices for WebSockets that asked for them: read twice a second while anybody watches, and told to each
 * session as far as they have changed since it was told. What comes in between is not told: only the newest
 * price counts. The watches are the sessions'; everything else is the hub's one live_prices. */
#ifndef OXE_GATEWAY_LIVE_PRICES_H
#define OXE_GATEWAY_LIVE_PRICES_H

#include <jansson.h>

#include "services/gateway/gateway.h"
#include "services/gateway/live/ws.h"

enum {
    LIVE_PRICES_MAX = 2000,      /* symbols that have a price */
    LIVE_PRICES_WATCH_MAX = 100, /* symbols of a session */
};

struct live_prices;
struct price_watch;

/* -ENOMEM. */
int live_prices_create(struct gateway *gateway, struct live_prices **ret_prices);
/* After the pools, which fail its readings, and after the watches. */
void live_prices_destroy(struct live_prices **prices);

/* Puts these symbols in the place of what *watch has; an empty list ends it (*watch is NULL then). -EINVAL
 * for what is no list of at most LIVE_PRICES_WATCH_MAX symbols, -ENOMEM; the watch is as before then. */
int live_prices_watch(struct live_prices *prices, const json_t *symbols, struct price_watch **watch);
void live_prices_unwatch(struct live_prices *prices, struct price_watch **watch);

/* Once a pass of the loop: reads when it is time to. True: there is a new reading to be told. */
bool live_prices_tick(struct live_prices *prices, int64_t now_us);
/* Queues one frame with what has changed since the last one; none when nothing has. */
void live_prices_tell(struct live_prices *prices, struct price_watch *watch, struct ws *ws);

#endif
