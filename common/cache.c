/* SPDX-License-Identifier: Apache-2.0 */
/* Redis through hiredis: see cache.h. */
#include "common/cache.h"

#include <assert.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/clock.h"

enum {
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 2000,
    COMMANDS_MAX = 65536, /* queued between two flushes */
    ERROR_MAX = 256,
};

struct cache {
    struct cache_address address;
    redisContext *context;
    size_t queued;
    int backoff_ms;
    int64_t retry_at_us; /* CLOCK_MONOTONIC */
    char error[ERROR_MAX];
};

static int copy_part(char *to, size_t max, const char *from, size_t length)
{
    if (length >= max)
        return -EINVAL;
    memcpy(to, from, length);
    to[length] = '\0';
    return 0;
}

static int parse_number(const char *text, size_t length, int max, int *ret_number)
{
    int number = 0;

    if (length == 0 || length > 5)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        number = number * 10 + (text[i] - '0');
    }
    if (number > max)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

/* host:port, host or [v6]:port */
static int parse_host(const char *text, size_t length, struct cache_address *address)
{
    const char *host = text, *rest;
    size_t host_length;

    if (length > 0 && *text == '[') {
        const char *bracket = memchr(text, ']', length);
        if (bracket == NULL)
            return -EINVAL;
        host = text + 1;
        host_length = (size_t)(bracket - host);
        rest = bracket + 1;
    } else {
        const char *colon = memchr(text, ':', length);
        rest = colon != NULL ? colon : text + length;
        host_length = (size_t)(rest - host);
    }
    size_t rest_length = (size_t)(text + length - rest);
    address->port = 6379;
    if (host_length == 0 || copy_part(address->host, sizeof(address->host), host, host_length) < 0)
        return -EINVAL;
    if (rest_length == 0)
        return 0;
    if (*rest != ':' || parse_number(rest + 1, rest_length - 1, 65535, &address->port) < 0 ||
        address->port == 0)
        return -EINVAL;
    return 0;
}

/* [user][:password]@ at the beginning; *cursor goes behind it. A password may hold an @. */
static int parse_user(const char **cursor, struct cache_address *address)
{
    const char *at = strrchr(*cursor, '@');

    if (at == NULL)
        return 0;
    size_t user_length = strcspn(*cursor, ":@");
    const char *password = *cursor + user_length + ((*cursor)[user_length] == ':' ? 1 : 0);
    if (at == *cursor || copy_part(address->user, sizeof(address->user), *cursor, user_length) < 0 ||
        copy_part(address->password, sizeof(address->password), password, (size_t)(at - password)) < 0)
        return -EINVAL;
    *cursor = at + 1;
    return 0;
}

int cache_address_parse(const char *url, struct cache_address *ret_address)
{
    struct cache_address address = {0};
    const char *cursor = url;

    if (strncmp(url, "unix://", 7) == 0) {
        cursor += 7;
        if (parse_user(&cursor, &address) < 0 || *cursor != '/' ||
            copy_part(address.unix_path, sizeof(address.unix_path), cursor, strlen(cursor)) < 0)
            return -EINVAL;
        *ret_address = address;
        return 0;
    }
    if (strncmp(url, "redis://", 8) != 0)
        return -EINVAL;
    cursor += 8;
    if (parse_user(&cursor, &address) < 0)
        return -EINVAL;
    size_t host_length = strcspn(cursor, "/");
    if (parse_host(cursor, host_length, &address) < 0)
        return -EINVAL;
    cursor += host_length;
    if (*cursor == '/' && cursor[1] != '\0' &&
        parse_number(cursor + 1, strlen(cursor + 1), 65535, &address.db) < 0)
        return -EINVAL;
    *ret_address = address;
    return 0;
}

int cache_create(const char *url, const char *password, struct cache **ret_cache)
{
    CLEANUP(cache_destroy) struct cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL)
        return -ENOMEM;
    int r = cache_address_parse(url, &cache->address);
    if (r == 0 && password != NULL && password[0] != '\0')
        r = copy_part(cache->address.password, sizeof(cache->address.password), password, strlen(password));
    if (r < 0)
        return r;
    *ret_cache = cache;
    cache = NULL;
    return 0;
}

static void disconnect(struct cache *cache)
{
    if (cache->context != NULL)
        redisFree(cache->context);
    cache->context = NULL;
    cache->queued = 0;
}

void cache_destroy(struct cache **cache)
{
    if (*cache == NULL)
        return;
    disconnect(*cache);
    explicit_bzero(&(*cache)->address, sizeof((*cache)->address));
    free(*cache);
    *cache = NULL;
}

static int lose_connection(struct cache *cache, int error, const char *text)
{
    (void)snprintf(cache->error, sizeof(cache->error), "%s", text);
    disconnect(cache);
    return error;
}

static int lose_broken(struct cache *cache)
{
    char text[ERROR_MAX];

    (void)snprintf(text, sizeof(text), "%s", cache->context->errstr);
    return lose_connection(cache, -ENOTCONN, text);
}

static int wait_socket(const struct cache *cache, short events, int64_t deadline_us)
{
    for (;;) {
        struct pollfd item = {.fd = cache->context->fd, .events = events};
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return -ETIMEDOUT;
        int r = poll(&item, 1, (int)(left_us / 1000) + 1);
        if (r > 0)
            return 0;
        if (r < 0 && errno != EINTR)
            return -errno;
    }
}

int cache_append(struct cache *cache, int argc, const char **argv, const size_t *lengths)
{
    if (cache->context == NULL)
        return -ENOTCONN;
    if (cache->queued == COMMANDS_MAX)
        return -ENOBUFS;
    if (redisAppendCommandArgv(cache->context, argc, argv, lengths) != REDIS_OK)
        return lose_connection(cache, -ENOMEM, "out of memory");
    cache->queued++;
    return 0;
}

/* Moves bytes both ways until a reply is complete. */
static int await_reply(struct cache *cache, int64_t deadline_us, redisReply **ret_reply)
{
    for (int written = 0;;) {
        void *reply = NULL;
        if (!written && redisBufferWrite(cache->context, &written) != REDIS_OK)
            return lose_broken(cache);
        if (redisGetReplyFromReader(cache->context, &reply) != REDIS_OK)
            return lose_broken(cache);
        if (reply != NULL) {
            *ret_reply = reply;
            return 0;
        }
        if (wait_socket(cache, (short)(written ? POLLIN : POLLIN | POLLOUT), deadline_us) < 0)
            return lose_connection(cache, -ETIMEDOUT, "the server took too long");
        if (redisBufferRead(cache->context) != REDIS_OK)
            return lose_broken(cache);
    }
}

int cache_flush(struct cache *cache, int timeout_ms, int64_t *ret_integers, size_t max)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    int result = 0;

    if (cache->context == NULL)
        return -ENOTCONN;
    size_t count = cache->queued;
    for (size_t i = 0; i < count; i++) {
        redisReply *reply = NULL;
        int r = await_reply(cache, deadline_us, &reply);
        if (r < 0)
            return r;
        if (reply->type == REDIS_REPLY_ERROR && result == 0) {
            (void)snprintf(cache->error, sizeof(cache->error), "%s", reply->str);
            result = -EPROTO;
        }
        if (ret_integers != NULL && i < max)
            ret_integers[i] = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
        freeReplyObject(reply);
    }
    cache->queued = 0;
    return result;
}

static int open_connection(struct cache *cache, int64_t deadline_us)
{
    const struct cache_address *address = &cache->address;
    int error = 0;
    socklen_t size = sizeof(error);

    cache->context = address->unix_path[0] != '\0' ? redisConnectUnixNonBlock(address->unix_path)
                                                   : redisConnectNonBlock(address->host, address->port);
    if (cache->context == NULL)
        return -ENOMEM;
    if (cache->context->err != 0)
        return lose_broken(cache);
    if (wait_socket(cache, POLLOUT, deadline_us) < 0)
        return lose_connection(cache, -ETIMEDOUT, "connecting took too long");
    if (getsockopt(cache->context->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0)
        return lose_connection(cache, -ENOTCONN, strerrordesc_np(error));
    return 0;
}

/* AUTH and SELECT as the address says; PING, so that a server that does not serve (loading, no password
 * given) is no connection. */
static int log_in(struct cache *cache, int64_t deadline_us)
{
    char db[12];
    int r = 0;

    (void)snprintf(db, sizeof(db), "%d", cache->address.db);
    if (cache->address.password[0] != '\0')
        r = cache->address.user[0] == '\0'
                ? cache_append(cache, 2, (const char *[]){"AUTH", cache->address.password}, NULL)
                : cache_append(cache, 3,
                               (const char *[]){"AUTH", cache->address.user, cache->address.password}, NULL);
    if (r == 0 && cache->address.db != 0)
        r = cache_append(cache, 2, (const char *[]){"SELECT", db}, NULL);
    if (r == 0)
        r = cache_append(cache, 1, (const char *[]){"PING"}, NULL);
    if (r < 0)
        return r;
    int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
    return cache_flush(cache, left_ms > 0 ? (int)left_ms : 0, NULL, 0);
}

/* Between flushes the server has nothing to say: what can be read is its end. */
static bool has_ended(const struct cache *cache)
{
    struct pollfd item = {.fd = cache->context->fd, .events = POLLIN};

    return cache->queued == 0 && poll(&item, 1, 0) != 0;
}

int cache_ensure(struct cache *cache, int timeout_ms)
{
    int64_t now_us = clock_monotonic_us();
    int64_t deadline_us = now_us + (int64_t)timeout_ms * 1000;

    if (cache->context != NULL) {
        if (!has_ended(cache))
            return 0;
        (void)lose_connection(cache, -ENOTCONN, "the server has closed the connection");
    }
    if (now_us < cache->retry_at_us)
        return -ENOTCONN;
    int r = open_connection(cache, deadline_us);
    if (r == 0)
        r = log_in(cache, deadline_us);
    if (r == 0) {
        cache->backoff_ms = 0;
        return 0;
    }
    disconnect(cache);
    cache->backoff_ms = cache->backoff_ms == 0 ? BACKOFF_MIN_MS : 2 * cache->backoff_ms;
    if (cache->backoff_ms > BACKOFF_MAX_MS)
        cache->backoff_ms = BACKOFF_MAX_MS;
    cache->retry_at_us = clock_monotonic_us() + (int64_t)cache->backoff_ms * 1000;
    return r == -EPROTO || r == -ENOMEM ? r : -ENOTCONN;
}

const char *cache_error(const struct cache *cache)
{
    return cache->error;
}
