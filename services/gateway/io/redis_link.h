/* SPDX-License-Identifier: Apache-2.0 */
/* One asynchronous connection to Redis on h2o's loop, which reopens itself (50 ms doubling to 2 s). What is
 * said on it is its owner's. */
#ifndef OXE_GATEWAY_REDIS_LINK_H
#define OXE_GATEWAY_REDIS_LINK_H

#include <h2o.h>
#include <hiredis/async.h>
#include <stdbool.h>

#include "common/log.h"

struct redis_link;

struct redis_link_events {
    /* Commands may be sent; the first answer that proves the connection good is to call redis_link_ready. */
    void (*opened)(void *context, redisAsyncContext *redis);
    /* All commands under way have been answered by NULL, or are just about to be. */
    void (*lost)(void *context);
};

/* url, password: as cache_create. -EINVAL, -ENOMEM. Connects nothing yet. */
int redis_link_create(h2o_loop_t *loop, const char *url, const char *password,
                      const struct redis_link_events *events, void *context, const struct log *log,
                      struct redis_link **ret_link);
/* Says `lost` no more. */
void redis_link_destroy(struct redis_link **link);

/* The connection is good: nobody waits for its deadline any more. */
void redis_link_ready(struct redis_link *link);
/* Ends a connection that does not answer; another is opened later. */
void redis_link_drop(struct redis_link *link, const char *why);
/* Reconnects; once a turn. */
void redis_link_tick(struct redis_link *link, int64_t now_us);

#endif
