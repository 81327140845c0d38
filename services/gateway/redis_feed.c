#include "services/gateway/redis_feed.h"

#include <errno.h>
#include <hiredis/async.h>
#include <stdlib.h>
#include <string.h>

#include "common/cache.h"
#include "common/clock.h"
#include "services/gateway/watch.h"

enum {
    BACKOFF_MIN_US = 50 * 1000,
    BACKOFF_MAX_US = 2 * 1000 * 1000,
    CONNECT_TIMEOUT_US = 2 * 1000 * 1000,
};

/* Always subscribed, so that the connection never leaves the subscribed state: hiredis asserts when the last
 * unsubscribe and a new subscribe cross. */
static const char anchor[] = "oxe:gateway";

struct redis_feed {
    h2o_loop_t *loop;
    struct cache_address address;
    const struct redis_feed_events *events;
    void *context;
    const struct log *log;
    redisAsyncContext *redis;
    struct watch *watch;
    bool up;
    bool closing; /* by redis_feed_destroy */
    int64_t retry_at_us;
    int64_t connect_deadline_us;
    int64_t backoff_us;
};

static void on_readable(void *context)
{
    struct redis_feed *feed = context;

    redisAsyncHandleRead(feed->redis);
}

static void on_writable(void *context)
{
    struct redis_feed *feed = context;

    redisAsyncHandleWrite(feed->redis);
}

static void add_read(void *context)
{
    (void)context; /* always watched */
}

static void add_write(void *context)
{
    struct redis_feed *feed = context;

    watch_want_write(feed->watch);
}

static void del_write(void *context)
{
    (void)context; /* one-shot; a surplus call of HandleWrite finds nothing to write */
}

static void on_cleanup(void *context)
{
    struct redis_feed *feed = context;

    watch_destroy(&feed->watch);
}

/* hiredis frees its context right after this. */
static void gone(struct redis_feed *feed, const char *error)
{
    bool was_up = feed->up;

    feed->redis = NULL;
    feed->up = false;
    if (feed->closing)
        return;
    if (feed->backoff_us == 0)
        LOG(feed->log, LOG_WARNING, "redis_connection_lost", LOG_TEXT("error", error));
    feed->backoff_us = feed->backoff_us == 0               ? BACKOFF_MIN_US
                       : feed->backoff_us < BACKOFF_MAX_US ? feed->backoff_us * 2
                                                           : BACKOFF_MAX_US;
    feed->retry_at_us = clock_monotonic_us() + feed->backoff_us;
    if (was_up)
        feed->events->down(feed->context);
}

static void on_disconnected(const redisAsyncContext *redis, int status)
{
    (void)status;
    gone(redis->data, redis->errstr != NULL ? redis->errstr : "closed");
}

static void on_message(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    struct redis_feed *feed = redis->data;
    const redisReply *reply = reply_pointer;

    (void)private;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        reply->element[0]->type != REDIS_REPLY_STRING || reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    const char *kind = reply->element[0]->str, *channel = reply->element[1]->str;
    if (strcmp(kind, "message") == 0 && reply->element[2]->type == REDIS_REPLY_STRING) {
        feed->events->message(feed->context, channel, reply->element[2]->str, (size_t)reply->element[2]->len);
    } else if (strcmp(kind, "subscribe") == 0 && strcmp(channel, anchor) == 0) {
        feed->up = true;
        feed->backoff_us = 0;
        feed->events->up(feed->context);
    } else if (strcmp(kind, "subscribe") == 0) {
        feed->events->subscribed(feed->context, channel);
    }
}

static void on_authenticated(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    const redisReply *reply = reply_pointer;
    struct redis_feed *feed = redis->data;

    (void)private;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        LOG(feed->log, LOG_ERROR, "redis_refused_password");
}

static void on_connected(const redisAsyncContext *redis, int status)
{
    if (status != REDIS_OK)
        gone(redis->data, redis->errstr != NULL ? redis->errstr : "cannot connect");
}

static void connect_start(struct redis_feed *feed, int64_t now_us)
{
    redisAsyncContext *redis = feed->address.unix_path[0] != '\0'
                                   ? redisAsyncConnectUnix(feed->address.unix_path)
                                   : redisAsyncConnect(feed->address.host, feed->address.port);

    if (redis != NULL)
        redis->data = feed;
    if (redis == NULL || redis->err != 0 ||
        watch_create(feed->loop, redis->c.fd, on_readable, on_writable, feed, &feed->watch) < 0) {
        gone(feed, redis != NULL && redis->errstr != NULL ? redis->errstr : "no memory");
        if (redis != NULL)
            redisAsyncFree(redis);
        return;
    }
    feed->redis = redis;
    feed->connect_deadline_us = now_us + CONNECT_TIMEOUT_US;
    redis->ev.data = feed;
    redis->ev.addRead = add_read;
    redis->ev.delRead = add_read;
    redis->ev.addWrite = add_write;
    redis->ev.delWrite = del_write;
    redis->ev.cleanup = on_cleanup;
    (void)redisAsyncSetConnectCallback(redis, on_connected);
    (void)redisAsyncSetDisconnectCallback(redis, on_disconnected);
    if (feed->address.unix_path[0] == '\0')
        (void)redisEnableKeepAlive(&redis->c);
    if (feed->address.password[0] != '\0')
        (void)redisAsyncCommand(redis, on_authenticated, NULL, "AUTH %s", feed->address.password);
    (void)redisAsyncCommand(redis, on_message, NULL, "SUBSCRIBE %s", anchor);
}

int redis_feed_create(h2o_loop_t *loop, const char *url, const char *password,
                      const struct redis_feed_events *events, void *context, const struct log *log,
                      struct redis_feed **ret_feed)
{
    struct redis_feed *feed = calloc(1, sizeof(*feed));

    if (feed == NULL)
        return -ENOMEM;
    int r = cache_address_parse(url, &feed->address);
    if (r < 0 || strlen(password) >= sizeof(feed->address.password)) {
        free(feed);
        return -EINVAL;
    }
    if (password[0] != '\0')
        memcpy(feed->address.password, password, strlen(password) + 1);
    feed->loop = loop;
    feed->events = events;
    feed->context = context;
    feed->log = log;
    *ret_feed = feed;
    return 0;
}

void redis_feed_destroy(struct redis_feed **feed)
{
    if (*feed == NULL)
        return;
    (*feed)->closing = true;
    if ((*feed)->redis != NULL)
        redisAsyncFree((*feed)->redis);
    watch_destroy(&(*feed)->watch);
    explicit_bzero(&(*feed)->address, sizeof((*feed)->address));
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
        (void)redisAsyncCommand(feed->redis, on_message, NULL, "SUBSCRIBE %s", channel);
}

void redis_feed_unsubscribe(struct redis_feed *feed, const char *channel)
{
    if (feed->up)
        (void)redisAsyncCommand(feed->redis, on_message, NULL, "UNSUBSCRIBE %s", channel);
}

/* hiredis tells on_disconnected only of what was connected. */
static void give_up(struct redis_feed *feed)
{
    redisAsyncFree(feed->redis);
    if (feed->redis != NULL)
        gone(feed, "no answer in time");
}

void redis_feed_tick(struct redis_feed *feed, int64_t now_us)
{
    if (feed->redis == NULL && feed->retry_at_us <= now_us)
        connect_start(feed, now_us);
    else if (feed->redis != NULL && !feed->up && feed->connect_deadline_us <= now_us)
        give_up(feed);
}
