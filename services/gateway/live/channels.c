/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/channels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event_frame.h"
#include "services/gateway/io/redis_link.h"

/* Always subscribed, so that the connection never leaves the subscribed state: hiredis asserts when the last
 * unsubscribe and a new subscribe cross. */
static const char anchor[] = "oxe:gateway";

struct channels {
    const struct channels_events *events;
    void *context;
    struct redis_link *link;
    redisAsyncContext *redis; /* NULL: none */
    bool up;
};

static void on_message(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    struct channels *channels = private;
    const redisReply *reply = reply_pointer;
    struct uuid trader_id;

    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        reply->element[0]->type != REDIS_REPLY_STRING || reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    const char *kind = reply->element[0]->str, *name = reply->element[1]->str;
    const redisReply *payload = reply->element[2];
    bool subscribed = strcmp(kind, "subscribe") == 0;
    if (subscribed && strcmp(name, anchor) == 0) {
        channels->up = true;
        redis_link_ready(channels->link);
        channels->events->changed(channels->context, true);
    } else if (event_frame_parse_channel(name, &trader_id) < 0) {
        return;
    } else if (subscribed) {
        channels->events->subscribed(channels->context, trader_id);
    } else if (strcmp(kind, "message") == 0 && payload->type == REDIS_REPLY_STRING) {
        channels->events->message(channels->context, trader_id, payload->str, (size_t)payload->len);
    }
}

static void on_opened(void *context, redisAsyncContext *redis)
{
    struct channels *channels = context;

    channels->redis = redis;
    (void)redisAsyncCommand(redis, on_message, channels, "SUBSCRIBE %s", anchor);
}

static void on_lost(void *context)
{
    struct channels *channels = context;
    bool was_up = channels->up;

    channels->redis = NULL;
    channels->up = false;
    if (was_up)
        channels->events->changed(channels->context, false);
}

static const struct redis_link_events link_events = {.opened = on_opened, .lost = on_lost};

int channels_create(h2o_loop_t *loop, const char *url, const char *password,
                    const struct channels_events *events, void *context, const struct log *log,
                    struct channels **ret_channels)
{
    struct channels *channels = calloc(1, sizeof(*channels));

    if (channels == NULL)
        return -ENOMEM;
    channels->events = events;
    channels->context = context;
    int r = redis_link_create(loop, url, password, &link_events, channels, log, &channels->link);
    if (r < 0) {
        free(channels);
        return r;
    }
    *ret_channels = channels;
    return 0;
}

void channels_destroy(struct channels **channels)
{
    if (*channels == NULL)
        return;
    redis_link_destroy(&(*channels)->link);
    free(*channels);
    *channels = NULL;
}

bool channels_is_up(const struct channels *channels)
{
    return channels->up;
}

static void send_command(struct channels *channels, const char *format, struct uuid trader_id)
{
    char name[EVENT_FRAME_CHANNEL_MAX];

    (void)event_frame_channel(trader_id, name);
    if (channels->up)
        (void)redisAsyncCommand(channels->redis, on_message, channels, format, name);
}

void channels_subscribe(struct channels *channels, struct uuid trader_id)
{
    send_command(channels, "SUBSCRIBE %s", trader_id);
}

void channels_unsubscribe(struct channels *channels, struct uuid trader_id)
{
    send_command(channels, "UNSUBSCRIBE %s", trader_id);
}

void channels_tick(struct channels *channels, int64_t now_us)
{
    redis_link_tick(channels->link, now_us);
}
