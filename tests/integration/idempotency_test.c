/* SPDX-License-Identifier: Apache-2.0 */
/* One key is one order on any gateway, whatever has happened since; and a derived key is one request's. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"
#define MARKET "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"MARKET\"}"

TestSuite(idempotency, .timeout = 120);

struct caller {
    pthread_t thread;
    struct call call;
    struct reply reply;
};

static void *call_in_thread(void *argument)
{
    struct caller *caller = argument;

    caller->reply = instance_call(&caller->call);
    return NULL;
}

static void begin_call(struct caller *caller, const struct call *call)
{
    caller->call = *call;
    cr_assert_eq(pthread_create(&caller->thread, NULL, call_in_thread, caller), 0);
}

static void end_call(struct caller *caller)
{
    cr_assert_eq(pthread_join(caller->thread, NULL), 0);
}

/* All callers use the same key, half of them through the second gateway. Whatever the first answer is, each
 * gets that order's; a 201 comes once. */
static void ask_at_once(const struct gateway_world *gateway, const char *token, const char *key,
                        const char *body, bool accepted, char ret_id[static 37])
{
    enum { CALLERS = 16 };
    static struct caller callers[CALLERS];
    int created = 0;

    for (int i = 0; i < CALLERS; i++)
        begin_call(&callers[i], &(struct call){.url = i % 2 == 0 ? NULL : gateway->second_url,
                                               .path = ORDERS,
                                               .token = token,
                                               .body = body,
                                               .key = key});
    for (int i = 0; i < CALLERS; i++)
        end_call(&callers[i]);
    (void)snprintf(ret_id, 37, "%s", json_text(callers[0].reply.json, accepted ? "id" : "order_id"));
    cr_assert_eq(strlen(ret_id), 36, "%s", callers[0].reply.body.data);
    for (int i = 0; i < CALLERS; i++) {
        const struct reply *reply = &callers[i].reply;
        created += reply->status == 201;
        cr_expect(accepted ? reply->status == 201 || reply->status == 200 : reply->status == 422, "%ld %s",
                  reply->status, reply->body.data);
        cr_expect_str_eq(json_text(reply->json, accepted ? "id" : "order_id"), ret_id);
        cr_expect_str_eq(reply_header(reply, "Idempotency-Key"), key);
        cr_expect_str_eq(reply_header(reply, "Idempotent-Replayed"), reply->status == 200 ? "true" : "");
        if (!accepted)
            cr_expect_str_eq(json_text(reply->json, "errors/0/message"),
                             json_text(callers[0].reply.json, "errors/0/message"));
    }
    cr_expect_eq(created, accepted ? 1 : 0);
    for (int i = 0; i < CALLERS; i++)
        reply_release(&callers[i].reply);
}

static struct reply ask(const char *url, const char *token, const char *key, const char *body)
{
    return instance_call(
        &(struct call){.url = url, .path = ORDERS, .token = token, .body = body, .key = key});
}

Test(idempotency, a_key_is_one_order_on_two_gateways_and_stays_it)
{
    struct gateway_world gateway;
    char id[37], refused_id[37];

    gateway_begin_pair(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    ask_at_once(&gateway, token, "good", MARKET, true, id);
    ask_at_once(&gateway, token, "bad", "{\"symbol\":\"AAPL\",\"quantity\":7000,\"order_type\":\"MARKET\"}",
                false, refused_id);
    /* What would be refused now was accepted then, and the other way round. */
    world_sql(&gateway.world, "UPDATE oxe.last_prices SET price = 20 WHERE symbol = 'AAPL'");
    world_sql(&gateway.world, "UPDATE oxe.traders SET max_order_quantity = 1 WHERE subject = 'trader-0'");
    AUTO_REPLY again = ask(gateway.second_url, token, "good", MARKET);
    cr_expect_eq(again.status, 200, "%s", again.body.data);
    cr_expect_str_eq(json_text(again.json, "id"), id);
    world_sql(&gateway.world,
              "UPDATE oxe.traders SET max_order_quantity = 100000 WHERE subject = 'trader-0'");
    AUTO_REPLY refused =
        ask(NULL, token, "bad", "{\"symbol\":\"AAPL\",\"quantity\":7000,\"order_type\":\"MARKET\"}");
    cr_expect_eq(refused.status, 422, "%s", refused.body.data);
    cr_expect_str_eq(json_text(refused.json, "order_id"), refused_id);
    /* The same order, written otherwise; then another one. */
    AUTO_REPLY same =
        ask(gateway.second_url, token, "good",
            "{\"order_type\":\"MARKET\",\"quantity\":\"10.0\",\"side\":\"BUY\",\"symbol\":\"AAPL\"}");
    cr_expect_eq(same.status, 200, "%s", same.body.data);
    AUTO_REPLY other = ask(gateway.second_url, token, "good",
                           "{\"symbol\":\"AAPL\",\"quantity\":11,\"order_type\":\"MARKET\"}");
    cr_expect_eq(other.status, 422, "%s", other.body.data);
    cr_expect_str_eq(json_text(other.json, "code"), "IDEMPOTENCY_KEY_REUSED");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "2");
    gateway_end(&gateway);
}

/* The test stands between the gateway and the validator. */
struct between {
    struct gateway_world gateway;
    struct pipe *requests;
    struct order_request request; /* the last */
    struct envelope envelope;
    uint8_t bytes[8192];
    size_t length;
};

static void begin_between(struct between *between)
{
    char endpoint[128];

    gateway_begin(&between->gateway);
    cr_assert_eq(gateway_stop(&between->gateway), 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/between", between->gateway.world.directory);
    cr_assert_eq(pipe_bind(between->gateway.world.context, PIPE_PULL, endpoint, 0, &between->requests), 0);
    cr_assert_eq(setenv("OXE_VALIDATORS", endpoint, 1), 0);
    gateway_start(&between->gateway);
}

static void end_between(struct between *between)
{
    pipe_destroy(&between->requests);
    gateway_end(&between->gateway);
}

static void catch_request(struct between *between)
{
    const uint8_t *bytes;

    for (int i = 0; i < 10000; i++) {
        if (pipe_receive(between->requests, &bytes, &between->length) == 0) {
            cr_assert_leq(between->length, sizeof(between->bytes));
            memcpy(between->bytes, bytes, between->length);
            cr_assert_eq(order_request_decode(bytes, between->length, &between->envelope, &between->request),
                         0);
            return;
        }
        (void)poll(NULL, 0, 1);
    }
    cr_assert_fail("no request came");
}

static void pass_on(struct between *between)
{
    cr_assert_eq(pipe_send(between->gateway.world.to_validator, between->bytes, between->length), 0);
}

/* What another gateway, which met the same microsecond, would have sent; it is decided first. */
static void be_faster(struct between *between, bool same_order)
{
    struct world *world = &between->gateway.world;
    struct order_request other = world_order(world, 0);

    other.received_at = between->request.received_at;
    (void)snprintf(other.idempotent_key, sizeof(other.idempotent_key), "%s", between->request.idempotent_key);
    memcpy(other.fingerprint, between->request.fingerprint, sizeof(other.fingerprint));
    if (!same_order)
        other.fingerprint[0] ^= 1;
    const struct answer *answer = world_ask(world, &other);
    cr_assert_eq(answer->outcome, ANSWER_CREATED);
}

Test(idempotency, two_gateways_in_one_microsecond_make_two_orders)
{
    static struct between between;
    struct caller caller;

    begin_between(&between);
    AUTO_TEXT token = gateway_token(&between.gateway, "trader-0");
    for (int same_order = 0; same_order <= 1; same_order++) {
        begin_call(&caller, &(struct call){.path = ORDERS, .token = token, .body = MARKET});
        catch_request(&between);
        char first_key[IDEMPOTENT_KEY_MAX];
        (void)snprintf(first_key, sizeof(first_key), "%s", between.request.idempotent_key);
        be_faster(&between, same_order == 1);
        pass_on(&between);
        catch_request(&between);
        cr_expect_str_neq(between.request.idempotent_key, first_key);
        pass_on(&between);
        end_call(&caller);
        cr_expect_eq(caller.reply.status, 201, "%s", caller.reply.body.data);
        cr_expect_str_eq(reply_header(&caller.reply, "Idempotency-Key"), between.request.idempotent_key);
        cr_expect_str_eq(json_text(caller.reply.json, "idempotent_key"), between.request.idempotent_key);
        reply_release(&caller.reply);
    }
    cr_expect_str_eq(world_value(&between.gateway.world, "SELECT count(*) FROM oxe.orders"), "4");
    end_between(&between);
}

Test(idempotency, a_derived_key_is_the_plans_and_names_the_order_again)
{
    struct gateway_world gateway;
    char wanted[128], trader[37];

    gateway_begin(&gateway);
    uuid_format(world_trader(0), trader);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_REPLY market = ask(NULL, token, NULL, MARKET);
    AUTO_REPLY limit =
        ask(NULL, token, NULL,
            "{\"symbol\":\"AAPL\",\"quantity\":\"1.50\",\"order_type\":\"LIMIT\",\"price\":149.10}");
    cr_expect_eq(market.status, 201, "%s", market.body.data);
    (void)snprintf(wanted, sizeof(wanted), "%s:AAPL:10:-:20", trader);
    cr_expect_eq(strncmp(reply_header(&market, "Idempotency-Key"), wanted, strlen(wanted)), 0, "%s",
                 reply_header(&market, "Idempotency-Key"));
    (void)snprintf(wanted, sizeof(wanted), "%s:AAPL:1.5:149.1:20", trader);
    cr_expect_eq(strncmp(reply_header(&limit, "Idempotency-Key"), wanted, strlen(wanted)), 0, "%s",
                 reply_header(&limit, "Idempotency-Key"));
    char key[IDEMPOTENT_KEY_MAX];
    (void)snprintf(key, sizeof(key), "%s", reply_header(&market, "Idempotency-Key"));
    AUTO_REPLY again = ask(NULL, token, key, MARKET);
    cr_expect_eq(again.status, 200, "%s", again.body.data);
    cr_expect_str_eq(json_text(again.json, "id"), json_text(market.json, "id"));
    gateway_end(&gateway);
}
