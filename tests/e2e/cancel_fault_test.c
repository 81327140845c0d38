/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels while the exchange or the line to it misbehaves: unsent, unanswered and doubtful orders; cancels
 * that are refused, lost or too late. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/uuid.h"
#include "proto/lane.h"
#include "tests/e2e/cancel_support.h"

enum { LANES = 8, POLL_MS = 50, NAMES_MAX = 64 };

TestSuite(cancel_fault, .timeout = 200, .fini = cancel_clear);

static void arm(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void arm(const char *format, ...)
{
    char line[200];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    AUTO_TEXT done = proof_exchange(line);
}

static int lane_of_trader(const char *subject)
{
    AUTO_TEXT id = instance_sql("SELECT id FROM oxe.traders WHERE subject = '%s'", subject);
    struct uuid uuid;

    cr_assert_eq(uuid_parse(id, strlen(id), &uuid), 0, "%s", id);
    return lane_of(uuid, LANES);
}

/* How many lanes the executor holds whose line stands. */
static long lines_that_stand(void)
{
    return instance_metric(INSTANCE_EXECUTOR, "executor", "oxe_executor_lanes_ready");
}

static void await_lines(int count)
{
    int64_t end_us = clock_monotonic_us() + PROOF_WAIT_MS * INT64_C(1000);

    while (lines_that_stand() != count) {
        cr_assert(clock_monotonic_us() < end_us, "%ld lines stand, not %d", lines_that_stand(), count);
        (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

/* --- before the exchange has the order --- */

Test(cancel_fault, an_order_that_was_never_sent_is_cancelled_without_the_exchange)
{
    AUTO_TEXT token = instance_trader("cancel-unsent", "10000", NULL);
    int lane = lane_of_trader("cancel-unsent");
    await_lines(LANES);
    arm("fault refuse message=logon session=OXE-L%d always", lane);
    arm("fault drop-before message=any session=OXE-L%d", lane); /* a heartbeat is next */
    await_lines(LANES - 1);

    AUTO_TEXT id = proof_submit(token, FILLS("TSLA", "10"));
    AUTO_REPLY waiting = order_get(token, id);
    cr_assert_str_eq(json_text(waiting.json, "execution_state"), "ADMITTED");
    cancel_accepted(token, id);
    proof_ended(token, id, "CANCELLED", "0");
    proof_story(token, id, "SUBMITTED APPROVED CANCEL_REQUESTED CANCELLED");
    proof_account(token, "10000", "0", "0");

    cancel_clear();
    await_lines(LANES);
    AUTO_TEXT next = proof_submit(token, FILLS("TSLA", "1"));
    proof_ended(token, next, "FILLED", "1");
    AUTO_TEXT there = proof_at_exchange(id);
    cr_assert_str_empty(there);
}

/* --- while the exchange is to answer --- */

struct race {
    const char *name; /* of the trader */
    const char *fault, *body;
    const char *status, *filled, *story, *at_exchange;
};

static void name_of(const struct race *race, char ret_name[static NAMES_MAX])
{
    (void)snprintf(ret_name, NAMES_MAX, "cancel-%s", race->name);
}

static void expect_race(const struct race *race, const char *token, const char *id)
{
    proof_ended(token, id, race->status, race->filled);
    proof_story(token, id, race->story);
    AUTO_TEXT there = proof_at_exchange(id);
    cr_assert_str_eq(there, race->at_exchange, "%s", race->name);
    AUTO_REPLY account = instance_call(&(struct call){.path = "/api/v1/account", .token = token});
    cr_assert_str_eq(json_text(account.json, "reserved"), "0", "%s", account.body.data);
    cr_assert_str_eq(json_text(account.json, "usage/open_orders"), "0", "%s", account.body.data);
    cr_assert_eq(strcmp(race->filled, "0") == 0, strcmp(json_text(account.json, "cash"), "100000") == 0, "%s",
                 account.body.data);
}

static const struct race unanswered[] = {
    {"lost-order", "fault swallow message=order symbol=TSLA", RESTS("TSLA", "10", "240"), "CANCELLED", "0",
     "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED", ""},
    {"resting-order", "fault withhold symbol=MSFT", RESTS("MSFT", "10", "390"), "CANCELLED", "0",
     "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED RECOVERED CANCELLED", "CANCELLED 0"},
    {"filled-order", "fault withhold symbol=GOOG", FILLS("GOOG", "10"), "FILLED", "10",
     "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED RECOVERED FILLED CANCEL_REJECTED", "FILLED 10"},
};

Test(cancel_fault, an_order_without_an_answer_is_cancelled_once_the_exchange_has_been_asked)
{
    char *tokens[ARRAY_LEN(unanswered)], *ids[ARRAY_LEN(unanswered)], name[NAMES_MAX];

    for (size_t i = 0; i < ARRAY_LEN(unanswered); i++) {
        name_of(&unanswered[i], name);
        tokens[i] = instance_trader(name, "100000", NULL);
        arm("%s", unanswered[i].fault);
    }
    for (size_t i = 0; i < ARRAY_LEN(unanswered); i++) {
        ids[i] = proof_submit(tokens[i], unanswered[i].body);
        AUTO_REPLY sent = order_await(tokens[i], ids[i], "SENT", PROOF_WAIT_MS);
        cancel_accepted(tokens[i], ids[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(unanswered); i++) {
        expect_race(&unanswered[i], tokens[i], ids[i]);
        free(tokens[i]);
        free(ids[i]);
    }
}

/* --- while nobody knows --- */

/* The line breaks with the order and does not come back, until the attempts are used up. */
static const struct race doubtful[] = {
    {"doubt-lost", "drop-before", RESTS("TSLA", "10", "240"), "CANCELLED", "0",
     "SUBMITTED APPROVED EXECUTED IN_DOUBT CANCEL_REQUESTED CANCELLED", ""},
    {"doubt-resting", "drop-after", RESTS("MSFT", "10", "390"), "CANCELLED", "0",
     "SUBMITTED APPROVED EXECUTED IN_DOUBT CANCEL_REQUESTED RECOVERED CANCELLED", "CANCELLED 0"},
    {"doubt-filled", "drop-after", FILLS("GOOG", "10"), "FILLED", "10",
     "SUBMITTED APPROVED EXECUTED IN_DOUBT CANCEL_REQUESTED RECOVERED FILLED CANCEL_REJECTED", "FILLED 10"},
    {"doubt-resolved", "drop-before", RESTS("NVDA", "10", "115"), "CANCELLED", "0",
     "SUBMITTED APPROVED EXECUTED IN_DOUBT CANCEL_REQUESTED RESOLVED CANCELLED", ""},
};

/* A trader in a lane that none of the ones before has. */
static char *trader_of_own_lane(const struct race *race, bool ret_taken[static LANES], int *ret_lane)
{
    char base[NAMES_MAX], name[NAMES_MAX + 16];

    name_of(race, base);
    for (int i = 0;; i++) {
        (void)snprintf(name, sizeof(name), "%s-%d", base, i);
        char *token = instance_trader(name, "100000", NULL);
        *ret_lane = lane_of_trader(name);
        if (!ret_taken[*ret_lane]) {
            ret_taken[*ret_lane] = true;
            return token;
        }
        free(token);
    }
}

static void resolve(const char *order_id)
{
    AUTO_TEXT operations = instance_token("olga", "operations");
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/admin/orders/%s/resolve", order_id);
    AUTO_REPLY reply =
        instance_call(&(struct call){.path = path,
                                     .token = operations,
                                     .body = "{\"action\":\"CANCEL\",\"reason\":\"told by telephone\"}"});
    cr_assert_eq(reply.status, 202, "%ld %s", reply.status, reply.body.data);
}

Test(cancel_fault, an_order_in_doubt_is_cancelled_once_its_fate_is_known)
{
    char *tokens[ARRAY_LEN(doubtful)], *ids[ARRAY_LEN(doubtful)];
    bool taken[LANES] = {false};
    int lanes[ARRAY_LEN(doubtful)];

    await_lines(LANES);
    for (size_t i = 0; i < ARRAY_LEN(doubtful); i++) {
        tokens[i] = trader_of_own_lane(&doubtful[i], taken, &lanes[i]);
        arm("fault refuse message=logon session=OXE-L%d always", lanes[i]);
        arm("fault %s message=order session=OXE-L%d", doubtful[i].fault, lanes[i]);
        ids[i] = proof_submit(tokens[i], doubtful[i].body);
    }
    for (size_t i = 0; i < ARRAY_LEN(doubtful); i++) {
        AUTO_REPLY doubt = order_await(tokens[i], ids[i], "IN_DOUBT", PROOF_WAIT_MS);
        cr_assert_str_eq(json_text(doubt.json, "status"), "PENDING");
        cancel_accepted(tokens[i], ids[i]);
        cancel_accepted(tokens[i], ids[i]);
        AUTO_REPLY still = order_get(tokens[i], ids[i]);
        cr_assert_str_eq(json_text(still.json, "execution_state"), "IN_DOUBT", "%s", still.body.data);
    }
    size_t last = ARRAY_LEN(doubtful) - 1;
    resolve(ids[last]);
    expect_race(&doubtful[last], tokens[last], ids[last]);
    cancel_clear();
    for (size_t i = 0; i < ARRAY_LEN(doubtful); i++) {
        expect_race(&doubtful[i], tokens[i], ids[i]);
        free(tokens[i]);
        free(ids[i]);
    }
    await_lines(LANES);
}

/* --- a cancel that the exchange refuses, loses, or is too late for --- */

Test(cancel_fault, a_cancel_that_the_exchange_refuses_is_told_and_may_be_asked_again)
{
    AUTO_TEXT token = instance_trader("cancel-denied", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    arm("fault refuse message=cancel symbol=TSLA");

    cancel_accepted(token, id);
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCEL_REJECTED");
    AUTO_TEXT message = proof_entry(token, id, "CANCEL_REJECTED", "message");
    cr_assert_str_eq(message, "The exchange refuses it");
    AUTO_REPLY goes_on = order_get(token, id);
    cr_assert_str_eq(json_text(goes_on.json, "execution_state"), "WORKING");
    cr_assert_str_eq(json_text(goes_on.json, "cancel_requested_at"), "null");
    proof_account(token, "10000", "2400", "1");

    cancel_accepted(token, id);
    proof_ended(token, id, "CANCELLED", "0");
    proof_story(token, id,
                "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCEL_REJECTED CANCEL_REQUESTED CANCELLED");
    proof_account(token, "10000", "0", "0");
}

/* The fills of the order are held back at the exchange, until it is asked about the order. */
Test(cancel_fault, a_cancel_that_crosses_the_fill_is_rejected_and_the_fill_counts)
{
    AUTO_TEXT token = instance_trader("cancel-crossed", "100000", NULL);
    arm("fault withhold report=fill symbol=NVDA");
    AUTO_TEXT id = proof_submit(token, "{\"symbol\":\"NVDA\",\"quantity\":10,\"order_type\":\"LIMIT\","
                                       "\"price\":126}");
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    cr_assert_str_eq(json_text(open.json, "filled_quantity"), "0");

    cancel_accepted(token, id);
    proof_ended(token, id, "FILLED", "10");
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED FILLED CANCEL_REJECTED");
    AUTO_TEXT message = proof_entry(token, id, "CANCEL_REJECTED", "message");
    cr_assert_str_eq(message, "The exchange filled the order first");
    proof_position(token, "NVDA", "10");
}

Test(cancel_fault, a_cancel_that_is_lost_is_asked_for_again)
{
    AUTO_TEXT token = instance_trader("cancel-lost", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    arm("fault swallow message=cancel symbol=TSLA");

    cancel_accepted(token, id);
    proof_ended(token, id, "CANCELLED", "0");
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED");
    AUTO_TEXT faults = proof_exchange("fault list");
    cr_assert_not_null(strstr(faults, "\"left\":0,\"fired\":1"), "%s", faults);
}

/* --- fills that come after the end --- */

Test(cancel_fault, a_fill_after_the_cancel_counts_and_is_shown_as_late)
{
    AUTO_TEXT token = instance_trader("cancel-late", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    arm("fault late-fill ms=200 symbol=TSLA quantity=4");

    cancel_accepted(token, id);
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED FILLED CANCEL_REQUESTED");
    AUTO_TEXT reason = proof_entry(token, id, "FILLED", "reason");
    cr_assert_str_eq(reason, "LATE");
    proof_ended(token, id, "CANCELLED", "4");
    AUTO_REPLY order = order_get(token, id);
    cr_assert_eq(json_count(order.json, "fills"), 1, "%s", order.body.data);
    proof_account(token, "9040", "0", "0");
    proof_position(token, "TSLA", "4");
    AUTO_TEXT flag = instance_sql("SELECT flag FROM oxe.fills WHERE order_id = '%s'", id);
    cr_assert_str_eq(flag, "LATE");
}

Test(cancel_fault, late_fills_of_all_that_was_left_make_a_cancelled_order_filled)
{
    AUTO_TEXT token = instance_trader("cancel-late-whole", "10000", NULL);
    AUTO_TEXT id = proof_submit(token, RESTS("TSLA", "10", "240"));
    AUTO_REPLY open = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    arm("fault late-fill ms=200 symbol=TSLA");

    cancel_accepted(token, id);
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED CANCEL_REQUESTED CANCELLED FILLED");
    proof_ended(token, id, "FILLED", "10");
    proof_account(token, "7600", "0", "0");
    proof_position(token, "TSLA", "10");
    instance_check_invariants();
}
