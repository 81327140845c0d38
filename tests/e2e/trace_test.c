/* SPDX-License-Identifier: Apache-2.0 */
/* One order's trace through the logs of the whole suite (OXE_LOG_LEVEL=debug): the caller's traceparent is on
 * the lines of each stage, and nobody's name or token is on any. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/support/proof.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

TestSuite(trace, .timeout = 120);

static const char *const stages[] = {"gateway",  "validator",    "risk-manager",
                                     "executor", "audit-writer", "status-broadcaster"};

/* All logs of the instance whose folder begins so ("executor" finds executor-0). */
static char *read_logs(const char *prefix)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "cat \"$OXE_HOME\"/log/%s*/current", prefix);
    return instance_run((const char *const[]){"sh", "-c", command, NULL}, NULL);
}

static void await_in_logs(const char *prefix, const char *wanted)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)PROOF_WAIT_MS * 1000;

    for (;;) {
        AUTO_TEXT logs = read_logs(prefix);
        if (strstr(logs, wanted) != NULL)
            return;
        cr_assert(clock_monotonic_us() < end_us, "the log of %s does not have %s", prefix, wanted);
        (void)poll(NULL, 0, 50);
    }
}

Test(trace, goes_with_the_order_through_every_stage)
{
    AUTO_TEXT token = instance_trader("mrs-confidential", "100000", NULL);
    AUTO_TEXT trader_id = instance_sql("SELECT id FROM oxe.traders WHERE subject = 'mrs-confidential'");
    AUTO_REPLY reply =
        instance_call(&(struct call){.path = "/api/v1/orders",
                                     .token = token,
                                     .body = "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}",
                                     .header = "traceparent: 00-" TRACE "-00f067aa0ba902b7-01"});
    cr_assert_eq(reply.status, 201, "%s", reply.body.data);
    const char *timing = reply_header(&reply, "Server-Timing");
    cr_assert(strstr(timing, "gateway;dur=") != NULL && strstr(timing, "validator;dur=") != NULL &&
                  strstr(timing, "risk;dur=") != NULL && strstr(timing, "db;dur=") != NULL,
              "%s", timing);
    AUTO_TEXT id = strdup(json_text(reply.json, "id"));
    proof_ended(token, id, "FILLED", "1");
    for (size_t i = 0; i < ARRAY_LEN(stages); i++)
        await_in_logs(stages[i], TRACE);

    /* A refusal, a query with the token in it, and a wrong token: what people are is in no line of any log.
     */
    AUTO_REPLY refused =
        order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":90000,\"order_type\":\"MARKET\"}");
    cr_assert_eq(refused.status, 422, "%s", refused.body.data);
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(0);
    buffer_append_format(&path, "/ws/orders/events?token=%s", token);
    AUTO_REPLY handshake = instance_call(&(struct call){.path = path.data});
    cr_assert_eq(handshake.status, 400, "%s", handshake.body.data);
    AUTO_REPLY wrong = instance_call(&(struct call){.path = "/api/v1/account", .token = "secret-of-mine"});
    cr_assert_eq(wrong.status, 401, "%s", wrong.body.data);
    proof_story(token, id, "SUBMITTED APPROVED EXECUTED FILLED");
    AUTO_TEXT logs = read_logs("");
    const char *const secrets[] = {token, trader_id, "mrs-confidential", "secret-of-mine"};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        const char *found = strstr(logs, secrets[i]);
        cr_assert(found == NULL, "%.60s is in the logs: %.300s", secrets[i],
                  found == NULL ? "" : found - 200);
    }
}
