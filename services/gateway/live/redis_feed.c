/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/redis_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/io/redis_link.h"

/* Always subscribed, so that the connection never leaves the subscribed state: hiredis asserts when the last
 * unsubscribe and a new subscribe cross. */
static const char anchor[] = "oxe:gateway";

struct redis_feed {
    const struct redis_feed_events *events;
    void *context;
    struct redis_link *link;
    redisAsyncContext *redis; /* NULL: none */
    bool up;
};

static void on_message(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    struct redis_feed *feed = private;
    const redisReply *reply = reply_pointer;

    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        reply->element[0]->type != REDIS_REPLY_STRING || reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    const char *kind = reply->element[0]->str, *channel = reply->element[1]->str;
    if (strcmp(kind, "message") == 0 && reply->element[2]->type == REDIS_REPLY_STRING) {
        feed->events->message(feed->context, channel, reply->element[2]->str, (size_t)reply->element[2]->len);
    } else if (strcmp(kind, "subscribe") == 0 && strcmp(channel, anchor) == 0) {
        feed->up = true;
        redis_link_ready(feed->link);
        feed->events->up(feed->context);
    } else if (strcmp(kind, "subscribe") == 0) {
        feed->events->subscribed(feed->context, channel);
    }
}

static void on_opened(void *context, redisAsyncContext *redis)
{
    struct redis_feed *feed = context;

    feed->redis = redis;
    (void)redisAsyncCommand(redis, on_message, feed, "SUBSCRIBE %s", anchor);
}

static void on_lost(void *context)
{
    struct redis_feed *feed = context;
    bool was_up = feed->up;

    feed->redis = NULL;
    feed->up = false;
    if (was_up)
        feed->events->down(feed->context);
}

static const struct redis_link_events link_events = {.opened = on_opened, .lost = on_lost};

int redis_feed_create(h2o_loop_t *loop, const char *url, const char *password,
                      const struct redis_feed_events *events, void *context, const struct log *log,
                      struct redis_feed **ret_feed)
{
    struct redis_feed *feed = calloc(1, sizeof(*feed));

    if (feed == NULL)
        return -ENOMEM;
    feed->events = events;
    feed->context = context;
    int r = redis_link_create(loop, url, password, &link_events, feed, log, &feed->link);
    if (r < 0) {
        free(feed);
        return r;
    }
    *ret_feed = feed;
    return 0;
}

void redis_feed_destroy(struct redis_feed **feed)
{
    if (*feed == NULL)
        return;
    redis_link_destroy(&(*feed)->link);
    free(*feed);
    *feed = NULL;
}

bool redis_feed_is_up(const struct redis_feed *feed)
{
    return feed->up;
}

void redis_feed_subscribe(struct redis_feed *feed, const char *channel)
{
    if (feed->up)
        (void)redisAsyncCommand(feed->redis, on_message, feed, "SUBSCRIBE %s", channel);
}

void redis_feed_unsubscribe(struct redis_feed *feed, const char *channel)
{
    if (feed->up)
        (void)redisAsyncCommand(feed->redis, on_message, feed, "UNSUBSCRIBE %s", channel);
}

void redis_feed_tick(struct redis_feed *feed, int64_t now_us)
{
    redis_link_tick(feed->link, now_us);
}
