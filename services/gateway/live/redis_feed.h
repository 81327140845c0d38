/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to Redis on h2o's loop that subscribes to channels, and reopens itself (50 ms doubling to 2
 * s).
 *
 * Redis carries wake-ups and frames, never the truth: whatever it loses is read from the log. */
#ifndef OXE_GATEWAY_REDIS_FEED_H
#define OXE_GATEWAY_REDIS_FEED_H

#include <h2o.h>
#include <stdbool.h>

#include "common/log.h"

struct redis_feed;

struct redis_feed_events {
    void (*up)(void *context);   /* nothing is subscribed yet */
    void (*down)(void *context); /* nothing is subscribed any more */
    void (*subscribed)(void *context, const char *channel);
    void (*message)(void *context, const char *channel, const char *payload, size_t length);
};

/* url, password: as cache_create. -EINVAL, -ENOMEM. Connects nothing yet. */
int redis_feed_create(h2o_loop_t *loop, const char *url, const char *password,
                      const struct redis_feed_events *events, void *context, const struct log *log,
                      struct redis_feed **ret_feed);
void redis_feed_destroy(struct redis_feed **feed);

bool redis_feed_is_up(const struct redis_feed *feed);
/* Without effect while it is not up. */
void redis_feed_subscribe(struct redis_feed *feed, const char *channel);
void redis_feed_unsubscribe(struct redis_feed *feed, const char *channel);
/* Reconnects; once a turn. */
void redis_feed_tick(struct redis_feed *feed, int64_t now_us);

#endif
