/* SPDX-License-Identifier: Apache-2.0 */
/* A trader's requests in any minute, counted across two gateways by a real Redis, and by each gateway alone
 * while that is away. Nothing passes again within a minute, which no test here takes; where one must have
 * gone by, what Redis keeps is made older. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"
#define ORDER  "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"

enum { LIMIT = 3, WAIT_MS = 20000, POLL_MS = 10 };

static struct gateway_world gateway;

static void begin(void)
{
    cr_assert_eq(setenv("OXE_CANCELS_PER_MINUTE", "3", 1) | setenv("OXE_READS_PER_MINUTE", "3", 1), 0);
    gateway_begin_pair(&gateway);
    world_sql(&gateway.world, "UPDATE oxe.traders SET orders_per_minute = %d", LIMIT);
}

static void end(void)
{
    gateway_end(&gateway);
}

TestSuite(rate_limit, .init = begin, .fini = end, .timeout = 120);

static struct reply post(const char *url, const char *path, const char *token)
{
    return instance_call(&(struct call){.url = url, .path = path, .token = token, .body = ORDER});
}

static void expect_refused(const struct reply *reply)
{
    cr_expect_eq(reply->status, 429, "%s", reply->body.data);
    cr_expect_str_eq(json_text(reply->json, "code"), "RATE_LIMITED");
    cr_expect_str_eq(json_text(reply->json, "detail"),
                     "The limit of 3 orders a minute is used up; wait as long as Retry-After says.");
    long wait_s = strtol(reply_header(reply, "Retry-After"), NULL, 10);
    cr_expect(wait_s >= 40 && wait_s <= 60, "%ld", wait_s);
    cr_expect_eq(strncmp(reply_header(reply, "RateLimit"), "\"orders\";r=0;t=", 15), 0, "%s",
                 reply_header(reply, "RateLimit"));
    cr_expect_str_neq(reply_header(reply, "Idempotency-Key"), "", "on every answer to a POST");
}

/* What the gateway at url says of its Redis ("ok", "degraded"). */
static void await_redis(const char *url, const char *wanted)
{
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        AUTO_REPLY reply = instance_call(&(struct call){.url = url, .path = "/readyz"});
        cr_assert_eq(reply.status, 200, "a Redis that is away stops nothing: %s", reply.body.data);
        if (strcmp(json_text(reply.json, "checks/redis/status"), wanted) == 0)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("Redis is not %s", wanted);
}

Test(rate_limit, counts_across_gateways_and_says_what_is_left)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    const char *urls[] = {NULL, gateway.second_url};
    char wanted[64];

    await_redis(NULL, "ok");
    await_redis(gateway.second_url, "ok");
    for (int i = 0; i < LIMIT; i++) {
        AUTO_REPLY reply = post(urls[i % 2], ORDERS, token);
        cr_expect_eq(reply.status, 201, "%s", reply.body.data);
        (void)snprintf(wanted, sizeof(wanted), "\"orders\";r=%d;t=", LIMIT - 1 - i);
        cr_expect_eq(strncmp(reply_header(&reply, "RateLimit"), wanted, strlen(wanted)), 0, "%s, not %s",
                     reply_header(&reply, "RateLimit"), wanted);
        cr_expect_str_eq(reply_header(&reply, "RateLimit-Policy"), "\"orders\";q=3;w=60");
    }
    for (int i = 0; i < 4; i++) {
        AUTO_REPLY reply = post(urls[i % 2], ORDERS, token);
        expect_refused(&reply);
    }
    AUTO_REPLY others = post(NULL, ORDERS, other);
    cr_expect_eq(others.status, 201, "each trader has a limit of its own: %s", others.body.data);
    AUTO_REPLY preview = post(NULL, ORDERS "/preview", token);
    cr_expect_eq(preview.status, 200, "previews are counted apart: %s", preview.body.data);
    cr_expect_str_eq(reply_header(&preview, "RateLimit"), "\"previews\";r=599;t=60");
    AUTO_REPLY malformed = instance_call(&(struct call){.path = ORDERS, .token = token, .body = "{}"});
    cr_expect_eq(malformed.status, 422, "what is no order is not counted: %s", malformed.body.data);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "4");
}

Test(rate_limit, without_redis_each_gateway_counts_alone)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    const char *urls[] = {NULL, gateway.second_url};

    redis_kill(gateway.redis);
    for (size_t g = 0; g < ARRAY_LEN(urls); g++) {
        await_redis(urls[g], "degraded");
        for (int i = 0; i < LIMIT; i++) {
            AUTO_REPLY reply = post(urls[g], ORDERS, token);
            cr_expect_eq(reply.status, 201, "%s", reply.body.data);
        }
        AUTO_REPLY reply = post(urls[g], ORDERS, token);
        expect_refused(&reply);
    }
    cr_assert_eq(redis_resume(gateway.redis), 0);
    for (size_t g = 0; g < ARRAY_LEN(urls); g++) {
        await_redis(urls[g], "ok");
        AUTO_REPLY reply = post(urls[g], ORDERS, token);
        expect_refused(&reply); /* Redis has forgotten, the gateway that admitted them has not */
    }
}

static void change_list(const char *lua)
{
    char key[64] = "oxe:window:orders:";
    const char *argv[] = {"EVAL", lua, "1", key};

    uuid_format(world_trader(0), key + strlen(key));
    const size_t lengths[] = {4, strlen(lua), 1, strlen(key)};
    cr_assert_eq(cache_ensure(gateway.publisher, 5000), 0);
    cr_assert_eq(cache_append(gateway.publisher, 4, argv, lengths), 0);
    cr_assert_eq(cache_flush(gateway.publisher, 5000, NULL, 0), 0, "%s", cache_error(gateway.publisher));
}

/* All that is asked of the second gateway, which has admitted nothing itself, is decided by Redis' list. */
Test(rate_limit, exactly_what_is_a_minute_old_gives_way)
{
    static const char *const age =
        "redis.call('LSET', KEYS[1], -1, string.format('%.0f', redis.call('LINDEX', "
        "KEYS[1], -1) - 60000000))";
    static const char *const postpone = "redis.call('LSET', KEYS[1], 0, string.format('%.0f', redis.call("
                                        "'LINDEX', KEYS[1], 0) + 3600000000))";
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");

    await_redis(NULL, "ok");
    await_redis(gateway.second_url, "ok");
    for (int i = 0; i < LIMIT; i++) {
        AUTO_REPLY reply = post(NULL, ORDERS, token);
        cr_assert_eq(reply.status, 201, "%s", reply.body.data);
    }
    AUTO_REPLY full = post(gateway.second_url, ORDERS, token);
    expect_refused(&full);
    change_list(age);
    AUTO_REPLY one = post(gateway.second_url, ORDERS, token);
    cr_expect_eq(one.status, 201, "%s", one.body.data);
    cr_expect_str_eq(reply_header(&one, "RateLimit"), "\"orders\";r=0;t=60");
    AUTO_REPLY no_second = post(gateway.second_url, ORDERS, token);
    expect_refused(&no_second);
    /* A clock that goes back an hour costs nobody an hour, and gives nobody a second limit. */
    change_list(postpone);
    AUTO_REPLY back = post(gateway.second_url, ORDERS, token);
    expect_refused(&back);
}

/* Each kind has a count of its own, and a used-up one stops nothing else. */
Test(rate_limit, cancels_and_reads_have_limits_of_their_own)
{
    static const struct {
        const char *method, *path, *name;
        long status;
    } kinds[] = {
        {"POST", ORDERS "/0199f0a5-7d0c-7000-8000-000000000001/cancel", "cancels", 404},
        {"GET", "/api/v1/account", "reads", 200},
        {"GET", ORDERS, "reads", 429},
        {"GET", "/api/v1/positions", "reads", 429},
        {"GET", "/ws/orders/events", "reads", 429},
    };
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    const char *urls[] = {NULL, gateway.second_url};
    char detail[128];

    await_redis(NULL, "ok");
    await_redis(gateway.second_url, "ok");
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        for (int i = 0; i <= LIMIT; i++) {
            AUTO_REPLY reply = instance_call(&(struct call){
                .url = urls[i % 2], .method = kinds[k].method, .path = kinds[k].path, .token = token});
            cr_expect_eq(reply.status, i < LIMIT ? kinds[k].status : 429, "%s %d: %ld %s", kinds[k].path, i,
                         reply.status, reply.body.data);
            if (reply.status != 429)
                continue;
            (void)snprintf(detail, sizeof(detail),
                           "The limit of 3 %s a minute is used up; wait as long as Retry-After says.",
                           kinds[k].name);
            cr_expect_str_eq(json_text(reply.json, "detail"), detail);
            cr_expect_str_neq(reply_header(&reply, "Retry-After"), "");
        }
    }
    AUTO_REPLY order = post(NULL, ORDERS, token);
    cr_expect_eq(order.status, 201, "%s", order.body.data);
    AUTO_REPLY others = gateway_get(other, "/api/v1/account");
    cr_expect_eq(others.status, 200, "%s", others.body.data);
}

Test(rate_limit, a_redis_that_hangs_is_not_waited_for)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");

    await_redis(NULL, "ok");
    (void)kill(redis_pid(gateway.redis), SIGSTOP);
    for (int i = 0; i <= LIMIT; i++) {
        AUTO_REPLY reply = post(NULL, ORDERS, token);
        cr_expect_eq(reply.status, i < LIMIT ? 201 : 429, "%s", reply.body.data);
    }
    await_redis(NULL, "degraded");
    (void)kill(redis_pid(gateway.redis), SIGCONT);
    await_redis(NULL, "ok");
}

Test(rate_limit, a_changed_limit_is_in_force_within_a_second)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    int refused = 0, passed = 0;

    for (int i = 0; i <= LIMIT; i++) {
        AUTO_REPLY reply = post(NULL, ORDERS, token);
        refused += reply.status == 429;
    }
    cr_expect_eq(refused, 1);
    /* As operations do it; a trigger tells. */
    world_sql(&gateway.world, "UPDATE oxe.traders SET orders_per_minute = 0 WHERE subject = 'trader-0'");
    int64_t until_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    while (passed == 0 && clock_monotonic_us() < until_us) {
        AUTO_REPLY reply = post(NULL, ORDERS, token);
        passed += reply.status == 201;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_expect_eq(passed, 1);
    cr_expect_lt(clock_monotonic_us() - (until_us - (int64_t)WAIT_MS * 1000), 8 * 1000000,
                 "what was remembered for ten seconds is forgotten");
}

Test(rate_limit, none_is_none)
{
    world_sql(&gateway.world, "UPDATE oxe.traders SET orders_per_minute = 0");
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (int i = 0; i < 2 * LIMIT; i++) {
        AUTO_REPLY reply = post(NULL, ORDERS, token);
        cr_expect_eq(reply.status, 201, "%s", reply.body.data);
        cr_expect_str_eq(reply_header(&reply, "RateLimit"), "");
    }
}
