/* SPDX-License-Identifier: Apache-2.0 */
/* The cache layer against a redis-server of its own: addresses, round trips, refusals, losses, deadlines. */
#include "common/cache.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/redis.h"

enum { WAIT_MS = 5000 };

/* As service_main does. */
static void ignore_sigpipe(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
}

TestSuite(cache, .init = ignore_sigpipe);

Test(cache, addresses_are_taken_apart)
{
    static const struct {
        const char *url;
        struct cache_address address;
    } cases[] = {
        {"redis://localhost", {.host = "localhost", .port = 6379}},
        {"redis://localhost/", {.host = "localhost", .port = 6379}},
        {"redis://10.0.0.1:7000", {.host = "10.0.0.1", .port = 7000}},
        {"redis://:secret@host:1/15", {.host = "host", .port = 1, .password = "secret", .db = 15}},
        {"redis://:p@ss:w@host", {.host = "host", .port = 6379, .password = "p@ss:w"}},
        {"redis://gateway:secret@host",
         {.host = "host", .port = 6379, .user = "gateway", .password = "secret"}},
        {"redis://gateway:p@ss:w@host",
         {.host = "host", .port = 6379, .user = "gateway", .password = "p@ss:w"}},
        {"redis://gateway@host:1/2", {.host = "host", .port = 1, .user = "gateway", .db = 2}},
        {"redis://[::1]:6380/2", {.host = "::1", .port = 6380, .db = 2}},
        {"redis://[::1]", {.host = "::1", .port = 6379}},
        {"unix://gateway@/run/redis/socket", {.unix_path = "/run/redis/socket", .user = "gateway"}},
        {"unix:///run/redis/socket", {.unix_path = "/run/redis/socket"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cache_address address;
        cr_assert_eq(cache_address_parse(cases[i].url, &address), 0, "%s", cases[i].url);
        cr_expect_str_eq(address.host, cases[i].address.host);
        cr_expect_str_eq(address.unix_path, cases[i].address.unix_path);
        cr_expect_str_eq(address.user, cases[i].address.user, "%s", cases[i].url);
        cr_expect_str_eq(address.password, cases[i].address.password);
        cr_expect_eq(address.port, cases[i].address.port, "%s", cases[i].url);
        cr_expect_eq(address.db, cases[i].address.db, "%s", cases[i].url);
    }
}

Test(cache, ill_formed_addresses_are_refused)
{
    static const char *const cases[] = {
        "",
        "localhost:6379",
        "http://localhost",
        "redis://",
        "redis:///1",
        "redis://host:",
        "redis://host:0",
        "redis://host:65536",
        "redis://host:6379x",
        "redis://host:6379/x",
        "redis://host:6379/1/2",
        "redis://@host",
        "redis://a-user-whose-name-is-longer-than-any-that-somebody-would-give-it:secret@host",
        "redis://[::1",
        "redis://[::1]6379",
        "redis://[]:1",
        "unix://",
        "unix://relative/path",
        "unix:///a23456789b123456789c123456789d123456789e123456789f123456789g123456789h123456789"
        "i123456789j123456789k123456789",
    };
    struct cache *cache = NULL;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cache_address address = {.port = 42};
        cr_expect_eq(cache_address_parse(cases[i], &address), -EINVAL, "'%s'", cases[i]);
        cr_expect_eq(address.port, 42);
        cr_expect_eq(cache_create(cases[i], NULL, &cache), -EINVAL);
    }
    cr_expect_null(cache);
}

static struct cache *open_cache(const struct redis *redis, const char *password)
{
    struct cache *cache = NULL;

    cr_assert_eq(cache_create(redis_url(redis), password, &cache), 0);
    int r = cache_ensure(cache, WAIT_MS);
    cr_assert_eq(r, 0, "%d: %s", r, cache_error(cache));
    return cache;
}

static int append(struct cache *cache, const char *a, const char *b, const char *c)
{
    const char *argv[] = {a, b, c};

    return cache_append(cache, c != NULL ? 3 : b != NULL ? 2 : 1, argv, NULL);
}

Test(cache, many_commands_take_one_round_trip_and_answer_in_order)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    int64_t integers[5] = {-1, -1, -1, -1, -1};

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    cr_assert_eq(append(cache, "INCRBY", "a", "7"), 0);
    cr_assert_eq(append(cache, "SET", "b", "x"), 0);
    cr_assert_eq(append(cache, "INCR", "a", NULL), 0);
    cr_assert_eq(append(cache, "PUBLISH", "orders:1", "event"), 0);
    cr_assert_eq(cache_flush(cache, WAIT_MS, integers, 4), 0);
    static const int64_t wanted[5] = {7, 0, 8, 0, -1};
    cr_expect_arr_eq(integers, wanted, sizeof(wanted));
    cr_expect_eq(cache_flush(cache, WAIT_MS, NULL, 0), 0, "an empty flush is no error");
}

Test(cache, arguments_are_binary_safe)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    static const char *argv[] = {"APPEND", "k\0ey", "a\0b\r\nc"};
    static const size_t lengths[] = {6, 4, 6};
    int64_t integers[2];

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    cr_assert_eq(cache_append(cache, 3, argv, lengths), 0);
    cr_assert_eq(append(cache, "EXISTS", "k", NULL), 0);
    cr_assert_eq(cache_flush(cache, WAIT_MS, integers, 2), 0);
    cr_expect_eq(integers[0], 6);
    cr_expect_eq(integers[1], 0);
}

Test(cache, large_queues_cross)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    static char value[10000];
    static int64_t integers[2000];

    memset(value, 'x', sizeof(value) - 1);
    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    for (size_t i = 0; i < ARRAY_LEN(integers); i++)
        cr_assert_eq(append(cache, "APPEND", "k", value), 0);
    cr_assert_eq(cache_flush(cache, 30000, integers, ARRAY_LEN(integers)), 0);
    cr_expect_eq(integers[1999], 2000 * (int64_t)(sizeof(value) - 1));
}

Test(cache, an_error_reply_is_told_and_the_connection_stays)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    int64_t integers[3];

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    (void)append(cache, "SET", "s", "text");
    (void)append(cache, "INCR", "s", NULL);
    (void)append(cache, "INCR", "n", NULL);
    cr_expect_eq(cache_flush(cache, WAIT_MS, integers, 3), -EPROTO);
    cr_expect_not_null(strstr(cache_error(cache), "not an integer"), "%s", cache_error(cache));
    cr_expect_eq(integers[2], 1, "the others took effect");
    (void)append(cache, "INCR", "n", NULL);
    cr_expect_eq(cache_flush(cache, WAIT_MS, integers, 3), 0);
    cr_expect_eq(integers[0], 2);
}

Test(cache, a_password_is_given_and_a_wrong_one_refused)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    struct cache *stranger = NULL;

    cr_assert_eq(redis_start("hush-hush", &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, "hush-hush");
    cr_assert_eq(cache_create(redis_url(redis), "wrong", &stranger), 0);
    cr_expect_eq(cache_ensure(stranger, WAIT_MS), -EPROTO);
    cr_expect_not_null(strstr(cache_error(stranger), "WRONGPASS"), "%s", cache_error(stranger));
    cache_destroy(&stranger);
    cr_assert_eq(cache_create(redis_url(redis), NULL, &stranger), 0);
    cr_expect_eq(cache_ensure(stranger, WAIT_MS), -EPROTO, "none");
    cache_destroy(&stranger);
}

/* As the containers have it: who publishes events may do nothing else, and who reads them cannot publish. */
Test(cache, a_user_may_do_what_its_list_says)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    CLEANUP(cache_destroy) struct cache *reader = NULL;
    CLEANUP(cache_destroy) struct cache *publisher = NULL;
    static const char *const users[][9] = {
        {"ACL", "SETUSER", "reader", "on", ">r", "resetchannels", "&orders:*", "+ping", "+subscribe"},
        {"ACL", "SETUSER", "publisher", "on", ">p", "resetchannels", "&orders:*", "+ping", "+publish"}};
    char url[160];

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *owner = open_cache(redis, NULL);
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        cr_assert_eq(cache_append(owner, ARRAY_LEN(users[i]), (const char **)users[i], NULL), 0);
    cr_assert_eq(cache_flush(owner, WAIT_MS, NULL, 0), 0, "%s", cache_error(owner));

    (void)snprintf(url, sizeof(url), "unix://publisher@%s", redis_url(redis) + strlen("unix://"));
    cr_assert_eq(cache_create(url, "p", &publisher), 0);
    cr_assert_eq(cache_ensure(publisher, WAIT_MS), 0, "%s", cache_error(publisher));
    (void)append(publisher, "PUBLISH", "orders:1", "event");
    cr_expect_eq(cache_flush(publisher, WAIT_MS, NULL, 0), 0, "%s", cache_error(publisher));
    (void)append(publisher, "PUBLISH", "others", "event");
    cr_expect_eq(cache_flush(publisher, WAIT_MS, NULL, 0), -EPROTO);

    (void)snprintf(url, sizeof(url), "unix://reader@%s", redis_url(redis) + strlen("unix://"));
    cr_assert_eq(cache_create(url, "r", &reader), 0);
    cr_assert_eq(cache_ensure(reader, WAIT_MS), 0, "%s", cache_error(reader));
    (void)append(reader, "PUBLISH", "orders:1", "forged");
    cr_expect_eq(cache_flush(reader, WAIT_MS, NULL, 0), -EPROTO);
    cr_expect_not_null(strstr(cache_error(reader), "NOPERM"), "%s", cache_error(reader));
}

Test(cache, a_restarted_server_is_found_again)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    redis_kill(redis);
    (void)append(cache, "PING", NULL, NULL);
    cr_expect_eq(cache_flush(cache, WAIT_MS, NULL, 0), -ENOTCONN);
    cr_expect_eq(append(cache, "PING", NULL, NULL), -ENOTCONN);
    cr_expect_eq(cache_flush(cache, WAIT_MS, NULL, 0), -ENOTCONN);
    cr_expect_eq(cache_ensure(cache, WAIT_MS), -ENOTCONN);
    cr_assert_eq(redis_resume(redis), 0);
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000;
    int r;
    while ((r = cache_ensure(cache, WAIT_MS)) < 0 && clock_monotonic_us() < deadline_us)
        (void)poll(NULL, 0, 10); /* the backoff passes */
    cr_expect_eq(r, 0, "%s", cache_error(cache));
}

Test(cache, a_loss_while_idle_is_seen_by_ensure)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    redis_kill(redis);
    cr_assert_eq(redis_resume(redis), 0);
    cr_expect_eq(cache_ensure(cache, WAIT_MS), 0);
    (void)append(cache, "PING", NULL, NULL);
    cr_expect_eq(cache_flush(cache, WAIT_MS, NULL, 0), 0, "it is a new connection");
}

Test(cache, a_frozen_server_costs_the_deadline_and_the_connection)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    cr_assert_eq(kill(redis_pid(redis), SIGSTOP), 0);
    int64_t before_us = clock_monotonic_us();
    (void)append(cache, "PING", NULL, NULL);
    cr_expect_eq(cache_flush(cache, 100, NULL, 0), -ETIMEDOUT);
    cr_expect_eq(cache_ensure(cache, 100), -ENOTCONN, "it accepts, but does not answer");
    cr_expect_lt(clock_monotonic_us() - before_us, 1500000);
    cr_assert_eq(kill(redis_pid(redis), SIGCONT), 0);
}

Test(cache, the_queue_has_an_end)
{
    CLEANUP(redis_stop) struct redis *redis = NULL;
    int queued = 0;

    cr_assert_eq(redis_start(NULL, &redis), 0);
    CLEANUP(cache_destroy) struct cache *cache = open_cache(redis, NULL);
    while (append(cache, "PING", NULL, NULL) == 0)
        cr_assert_lt(++queued, 1000000);
    cr_expect_eq(append(cache, "PING", NULL, NULL), -ENOBUFS);
    cr_expect_eq(cache_flush(cache, WAIT_MS, NULL, 0), 0);
    cr_expect_eq(append(cache, "PING", NULL, NULL), 0);
}
