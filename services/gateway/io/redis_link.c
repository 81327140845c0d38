/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/redis_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cache.h"
#include "common/clock.h"
#include "services/gateway/io/watch.h"

enum {
    BACKOFF_MIN_US = 50 * 1000,
    BACKOFF_MAX_US = 2 * 1000 * 1000,
    CONNECT_TIMEOUT_US = 2 * 1000 * 1000,
};

struct redis_link {
    h2o_loop_t *loop;
    struct cache_address address;
    const struct redis_link_events *events;
    void *context;
    const struct log *log;
    redisAsyncContext *redis; /* NULL: none */
    struct watch *watch;
    bool ready;
    bool closing; /* by redis_link_destroy */
    int64_t retry_at_us;
    int64_t connect_deadline_us;
    int64_t backoff_us;
};

static void on_readable(void *context)
{
    struct redis_link *link = context;

    redisAsyncHandleRead(link->redis);
}

static void on_writable(void *context)
{
    struct redis_link *link = context;

    redisAsyncHandleWrite(link->redis);
}

static void add_write(void *context)
{
    struct redis_link *link = context;

    watch_want_write(link->watch);
}

static void on_cleanup(void *context)
{
    struct redis_link *link = context;

    watch_destroy(&link->watch);
}

/* hiredis frees its context right after this. */
static void gone(struct redis_link *link, const char *error)
{
    link->redis = NULL;
    link->ready = false;
    if (link->closing)
        return;
    if (link->backoff_us == 0)
        LOG(link->log, LOG_WARNING, "redis_connection_lost", LOG_TEXT("error", error));
    link->backoff_us = link->backoff_us == 0               ? BACKOFF_MIN_US
                       : link->backoff_us < BACKOFF_MAX_US ? link->backoff_us * 2
                                                           : BACKOFF_MAX_US;
    link->retry_at_us = clock_monotonic_us() + link->backoff_us;
    link->events->lost(link->context);
}

static void on_disconnected(const redisAsyncContext *redis, int status)
{
    (void)status;
    gone(redis->data, redis->errstr != NULL ? redis->errstr : "closed");
}

static void on_authenticated(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    const redisReply *reply = reply_pointer;
    struct redis_link *link = redis->data;

    (void)private;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        LOG_ALARM(link->log, LOG_ERROR, "redis_refused_password", "process_failing",
                  "Redis does not take the password", "oxectl doctor");
}

static void on_connected(const redisAsyncContext *redis, int status)
{
    if (status != REDIS_OK)
        gone(redis->data, redis->errstr != NULL ? redis->errstr : "cannot connect");
}

static void connect_start(struct redis_link *link, int64_t now_us)
{
    redisAsyncContext *redis = link->address.unix_path[0] != '\0'
                                   ? redisAsyncConnectUnix(link->address.unix_path)
                                   : redisAsyncConnect(link->address.host, link->address.port);

    if (redis != NULL)
        redis->data = link;
    if (redis == NULL || redis->err != 0 ||
        watch_create(link->loop, redis->c.fd, on_readable, on_writable, link, &link->watch) < 0) {
        gone(link, redis != NULL && redis->errstr != NULL ? redis->errstr : "no memory");
        if (redis != NULL)
            redisAsyncFree(redis);
        return;
    }
    link->redis = redis;
    link->connect_deadline_us = now_us + CONNECT_TIMEOUT_US;
    redis->ev.data = link;
    /* Reading is always watched. Writing is one-shot: a surplus call finds nothing to write. */
    redis->ev.addWrite = add_write;
    redis->ev.cleanup = on_cleanup;
    (void)redisAsyncSetConnectCallback(redis, on_connected);
    (void)redisAsyncSetDisconnectCallback(redis, on_disconnected);
    if (link->address.unix_path[0] == '\0')
        (void)redisEnableKeepAlive(&redis->c);
    if (link->address.password[0] != '\0')
        (void)redisAsyncCommand(redis, on_authenticated, NULL, "AUTH %s %s",
                                link->address.user[0] != '\0' ? link->address.user : "default",
                                link->address.password);
    link->events->opened(link->context, redis);
}

int redis_link_create(h2o_loop_t *loop, const char *url, const char *password,
                      const struct redis_link_events *events, void *context, const struct log *log,
                      struct redis_link **ret_link)
{
    struct redis_link *link = calloc(1, sizeof(*link));

    if (link == NULL)
        return -ENOMEM;
    int r = cache_address_parse(url, &link->address);
    if (r < 0 || strlen(password) >= sizeof(link->address.password)) {
        free(link);
        return -EINVAL;
    }
    if (password[0] != '\0')
        memcpy(link->address.password, password, strlen(password) + 1);
    link->loop = loop;
    link->events = events;
    link->context = context;
    link->log = log;
    *ret_link = link;
    return 0;
}

void redis_link_destroy(struct redis_link **link)
{
    if (*link == NULL)
        return;
    (*link)->closing = true;
    if ((*link)->redis != NULL)
        redisAsyncFree((*link)->redis);
    watch_destroy(&(*link)->watch);
    explicit_bzero(&(*link)->address, sizeof((*link)->address));
    free(*link);
    *link = NULL;
}

void redis_link_ready(struct redis_link *link)
{
    link->ready = true;
    link->backoff_us = 0;
}

/* hiredis tells on_disconnected only of what was connected. */
void redis_link_drop(struct redis_link *link, const char *why)
{
    if (link->redis == NULL)
        return;
    redisAsyncFree(link->redis);
    if (link->redis != NULL)
        gone(link, why);
}

void redis_link_tick(struct redis_link *link, int64_t now_us)
{
    if (link->redis == NULL && link->retry_at_us <= now_us)
        connect_start(link, now_us);
    else if (link->redis != NULL && !link->ready && link->connect_deadline_us <= now_us)
        redis_link_drop(link, "no answer in time");
}
