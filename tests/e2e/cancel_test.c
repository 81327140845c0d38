/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels in every moment of an order's life at a well-behaved exchange, and what the client is answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/e2e/cancel_support.h"

enum { RACES = 60, RACE_US_MAX = 20000 };

TestSuite(cancel, .timeout = 120, .fini = cancel_clear);

struct reply cancel_ask(const char *token, const char *order_id)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/cancel", order_id);
    return instance_call(&(struct call){.method = "POST", .path = path, .token = token});
}

void cancel_accepted(const char *token, const char *order_id)
{
    AUTO_REPLY reply = cancel_ask(token, order_id);

    cr_assert_eq(reply.status, 202, "%ld %s", reply.status, reply.body.data);
    cr_assert_str_eq(json_text(reply.json, "id"), order_id);
    cr_assert_eq(strlen(json_text(reply.json, "cancel_requested_at")), 27, "%s", reply.body.data);
}

void cancel_clear(void)
{
    AUTO_TEXT done = proof_exchange("fault clear");
}

static void expect_refused(const struct reply *reply, long status, const char *code, const char *detail)
{
    cr_assert_eq(reply->status, status, "%ld %s", reply->status, reply->body.data);
    cr_assert_str_eq(reply_header(reply, "Content-Type"), "application/problem+json");
    cr_assert_str_eq(json_text(reply->json, "code"), code);
    cr_assert_str_eq(json_text(reply->json, "detail"), detail);
}

Test(cancel, a_working_order_is_cancelled_at_the_exchange_and_frees_what_it_reserved)
{
    AUTO_TEXT token = instance_trader("cancel-working", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);

    proof_account(token, "10000", "2400", "1");
    cancel_accepted(token, id);
    proof_ended(token, id, "CANCELLED", "0");
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED");
    proof_account(token, "10000", "0", "0");
    proof_position(token, "TSLA", "0");
    AUTO_TEXT there = proof_at_exchange(id);
    cr_assert_str_eq(there, "CANCELLED 0");
    AUTO_TEXT actor = proof_entry(token, id, "CANCEL_REQUESTED", "actor");
    cr_assert_str_eq(actor, "cancel-working");
}

/* The exchange tells of the cancel late, so the second and the third request find the first one under way. */
Test(cancel, asking_again_is_answered_202_again_and_is_one_request)
{
    AUTO_TEXT token = instance_trader("cancel-again", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    AUTO_TEXT armed = proof_exchange("fault withhold report=done symbol=TSLA");

    AUTO_REPLY first = cancel_ask(token, id);
    cr_assert_eq(first.status, 202, "%s", first.body.data);
    for (int i = 0; i < 2; i++) {
        AUTO_REPLY again = cancel_ask(token, id);
        cr_assert_eq(again.status, 202, "%s", again.body.data);
        cr_assert_str_eq(json_text(again.json, "cancel_requested_at"),
                         json_text(first.json, "cancel_requested_at"));
    }
    proof_ended(token, id, "CANCELLED", "0");
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED");
}

/* Without quotes the only counterparty is another trader, who takes a part. */
Test(cancel, what_was_filled_before_the_cancel_counts)
{
    AUTO_TEXT token = instance_trader("cancel-part", "100000", NULL);
    AUTO_TEXT other = instance_trader("cancel-part-seller", "0", NULL);
    instance_position("cancel-part-seller", "AMZN", "30");
    AUTO_TEXT armed = proof_exchange("fault no-liquidity symbol=AMZN");
    AUTO_TEXT id = proof_submit(token, RESTS("AMZN", "100", "180"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    AUTO_TEXT sold = proof_submit(other, "{\"symbol\":\"AMZN\",\"side\":\"SELL\",\"quantity\":30,"
                                         "\"order_type\":\"LIMIT\",\"price\":180}");

    proof_ended(other, sold, "FILLED", "30");
    AUTO_REPLY trail = order_trail(token, id, 4, PROOF_WAIT_MS);
    AUTO_REPLY part = order_get(token, id);
    cr_assert_str_eq(json_text(part.json, "status"), "PARTIAL");
    proof_account(token, "94600", "12600", "1");
    cancel_accepted(token, id);
    proof_ended(token, id, "CANCELLED", "30");
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED FILLED CANCEL_REQUESTED CANCELLED");
    AUTO_TEXT total = proof_entry(token, id, "CANCELLED", "total_filled");
    cr_assert_str_eq(total, "30");
    proof_account(token, "94600", "0", "0");
    proof_position(token, "AMZN", "30");
    proof_account(other, "5400", "0", "0");
}

static void expect_not_cancellable(const char *token, const char *order_id, const char *status,
                                   const char *actions)
{
    char detail[96];

    (void)snprintf(detail, sizeof(detail),
                   "The order is already %s, so nothing is left to cancel; read the order.", status);
    for (int i = 0; i < 2; i++) {
        AUTO_REPLY reply = cancel_ask(token, order_id);
        expect_refused(&reply, 409, "ORDER_NOT_CANCELLABLE", detail);
    }
    AUTO_REPLY order = order_get(token, order_id);
    cr_assert_str_eq(json_text(order.json, "status"), status);
    proof_story(token, order_id, actions);
}

Test(cancel, an_order_that_has_ended_is_not_cancellable)
{
    AUTO_TEXT token = instance_trader("cancel-ended", "100000", NULL);
    AUTO_TEXT filled = proof_submit(token, FILLS("MSFT", "1"));
    proof_ended(token, filled, "FILLED", "1");
    expect_not_cancellable(token, filled, "FILLED", "SUBMITTED APPROVED EXECUTED FILLED");

    AUTO_TEXT cancelled = proof_submit(token, RESTS("MSFT", "1", "390"));
    AUTO_REPLY open = order_await(token, cancelled, "WORKING", PROOF_WAIT_MS);
    cancel_accepted(token, cancelled);
    proof_ended(token, cancelled, "CANCELLED", "0");
    expect_not_cancellable(token, cancelled, "CANCELLED",
                           "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED");

    AUTO_TEXT armed = proof_exchange("fault refuse symbol=MSFT");
    AUTO_TEXT rejected = proof_submit(token, RESTS("MSFT", "1", "390"));
    proof_ended(token, rejected, "REJECTED", "0");
    expect_not_cancellable(token, rejected, "REJECTED", "SUBMITTED APPROVED EXECUTED REJECTED");

    AUTO_TEXT expired =
        proof_submit(token, "{\"symbol\":\"MSFT\",\"quantity\":1,\"order_type\":\"LIMIT\",\"price\":390}");
    AUTO_REPLY day = order_await(token, expired, "WORKING", PROOF_WAIT_MS);
    AUTO_TEXT ended = proof_exchange("end-day");
    proof_ended(token, expired, "EXPIRED", "0");
    expect_not_cancellable(token, expired, "EXPIRED", "SUBMITTED APPROVED EXECUTED EXPIRED");
}

Test(cancel, an_order_that_was_refused_at_admission_is_not_cancellable)
{
    AUTO_TEXT token = instance_trader("cancel-refused", "1", NULL);
    AUTO_REPLY refused = order_submit(token, FILLS("MSFT", "1"));

    cr_assert_eq(refused.status, 422, "%s", refused.body.data);
    expect_not_cancellable(token, json_text(refused.json, "order_id"), "REJECTED", "SUBMITTED REJECTED");
}

Test(cancel, somebody_elses_order_is_not_found_like_one_that_does_not_exist)
{
    static const char unknown[] = "0199f0a5-7d0c-7000-8000-000000000001";
    AUTO_TEXT owner = instance_trader("cancel-owner", "10000", NULL);
    AUTO_TEXT stranger = instance_trader("cancel-stranger", "10000", NULL);
    AUTO_TEXT id = proof_submit(owner, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(owner, id, "WORKING", PROOF_WAIT_MS);

    AUTO_REPLY theirs = cancel_ask(stranger, id);
    expect_refused(&theirs, 404, "NOT_FOUND", "There is no such order; check its id.");
    AUTO_REPLY none = cancel_ask(stranger, unknown);
    expect_refused(&none, 404, "NOT_FOUND", "There is no such order; check its id.");
    AUTO_TEXT compliance = instance_token("carla", "compliance");
    AUTO_REPLY watched = cancel_ask(compliance, id);
    cr_assert_eq(watched.status, 403, "%s", watched.body.data);

    AUTO_REPLY still = order_get(owner, id);
    cr_assert_str_eq(json_text(still.json, "execution_state"), "WORKING");
    cr_assert_str_eq(json_text(still.json, "cancel_requested_at"), "null");
    proof_story(owner, id, "SUBMITTED APPROVED EXECUTED");
    cancel_accepted(owner, id);
    proof_ended(owner, id, "CANCELLED", "0");
}

Test(cancel, an_id_that_is_none_is_a_malformed_request)
{
    static const char *const ids[] = {"1",
                                      "none",
                                      "0199f0a5-7d0c-7000-8000-00000000000",
                                      "0199f0a5-7d0c-7000-8000-0000000000011",
                                      "0199f0a5-7d0c-7000-8000-00000000000g",
                                      "{0199f0a5-7d0c-7000-8000-000000000001}"};
    AUTO_TEXT token = instance_trader("cancel-malformed", "1", NULL);

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        AUTO_REPLY reply = cancel_ask(token, ids[i]);
        expect_refused(&reply, 400, "MALFORMED_REQUEST", "The id in the path is not a UUID; correct it.");
        cr_assert_str_eq(json_text(reply.json, "errors/0/field"), "/id", "%s", reply.body.data);
    }
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void pause_us(uint64_t us)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = (long)us * 1000}, NULL);
}

/* A request that was taken has one outcome; one that came too late has left no trace. */
static void expect_one_outcome(const char *token, const char *order_id, bool taken)
{
    AUTO_REPLY order = order_await(token, order_id, "DONE", PROOF_WAIT_MS);
    const char *status = json_text(order.json, "status"), *filled = json_text(order.json, "filled_quantity");
    bool executed = strcmp(status, "FILLED") == 0;
    cr_assert(executed || strcmp(status, "CANCELLED") == 0, "%s", order.body.data);
    cr_assert_str_eq(filled, executed ? "1" : "0", "%s", order.body.data);
    cr_assert(taken || executed, "%s", order.body.data);

    AUTO_REPLY trail = order_trail(token, order_id, 3, PROOF_WAIT_MS);
    size_t requests = 0, outcomes = 0;
    for (size_t i = 0; i < json_count(trail.json, "entries"); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "entries/%zu/action", i);
        const char *action = json_text(trail.json, path);
        requests += strcmp(action, "CANCEL_REQUESTED") == 0;
        outcomes += strcmp(action, executed ? "CANCEL_REJECTED" : "CANCELLED") == 0;
    }
    cr_assert_eq(requests, taken ? 1U : 0U, "%s", trail.body.data);
    cr_assert_eq(outcomes, taken ? 1U : 0U, "%s", trail.body.data);
}

/* Some of the orders would be filled at once, some rest; a cancel finds each in any state. OXE_CANCEL_SEED
 * repeats the pauses, the rest is up to the machine. */
Test(cancel, at_any_moment_a_cancel_has_one_outcome, .timeout = 240)
{
    const char *setting = getenv("OXE_CANCEL_SEED");
    uint64_t state = setting != NULL ? strtoull(setting, NULL, 10) : 1;
    AUTO_TEXT token = instance_trader("cancel-any", "1000000", NULL);
    char *ids[RACES];
    bool taken[RACES];

    for (size_t i = 0; i < RACES; i++) {
        uint64_t random = next_random(&state);
        ids[i] = proof_submit(token, random % 3 == 0 ? RESTS("SPY", "1", "540") : FILLS("SPY", "1"));
        pause_us((random >> 8) % RACE_US_MAX);
        AUTO_REPLY reply = cancel_ask(token, ids[i]);
        cr_assert(reply.status == 202 || reply.status == 409, "%ld %s", reply.status, reply.body.data);
        taken[i] = reply.status == 202;
    }
    for (size_t i = 0; i < RACES; i++) {
        expect_one_outcome(token, ids[i], taken[i]);
        free(ids[i]);
    }
    AUTO_TEXT apart =
        instance_sql("SELECT count(*) FROM oxe.orders o JOIN oxe.traders t ON t.id = o.trader_id "
                     "WHERE t.subject = 'cancel-any' AND o.status = 'FILLED'");
    proof_position(token, "SPY", apart);
    instance_check_invariants();
}
