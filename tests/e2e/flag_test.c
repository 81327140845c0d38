/* SPDX-License-Identifier: Apache-2.0 */
/* The feature flag set to zero while orders are at the exchange: they run to their end, and none follows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "tests/support/instance.h"

enum { DONE_MS = 60000, FOLLOW_S = 20 };

#define SYMBOL "SPY"
#define RESTS                                                                                                \
    "{\"symbol\":\"" SYMBOL                                                                                  \
    "\",\"quantity\":10,\"order_type\":\"LIMIT\",\"price\":540,\"time_in_force\":\"GTC\"}"
#define MARKET "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"

static void set_flag(const char *value)
{
    AUTO_TEXT says = instance_oxe((const char *[]){"ctl", "flag", value, "--actor", "e2e", NULL}, NULL);
}

static void enable(void)
{
    set_flag("true");
}

/* Until an order gets this status; each try has a key of its own. */
static void await_status(const char *token, long status)
{
    long got = 0;

    for (time_t until = time(NULL) + FOLLOW_S; got != status && time(NULL) < until;) {
        AUTO_REPLY reply = order_submit(token, MARKET);
        got = reply.status;
        if (got == 403)
            cr_assert_str_eq(json_text(reply.json, "code"), "FEATURE_DISABLED", "%s", reply.body.data);
    }
    cr_assert_eq(got, status);
}

Test(flag, at_zero_what_was_admitted_runs_to_its_end, .fini = enable, .timeout = 180)
{
    AUTO_TEXT id = instance_oxe((const char *[]){"ctl", "trader", "create", "flag-zero", "--cash", "100000",
                                                 "orders_per_minute=0", "--actor", "e2e", NULL},
                                NULL);
    AUTO_TEXT token = instance_token("flag-zero", NULL);

    AUTO_REPLY first = order_submit(token, RESTS);
    AUTO_REPLY second = order_submit(token, RESTS);
    cr_assert(first.status == 201 && second.status == 201, "%s %s", first.body.data, second.body.data);
    AUTO_TEXT stored = instance_sql("SELECT id FROM oxe.traders WHERE subject = 'flag-zero'");
    cr_assert_str_eq(stored, id);
    AUTO_REPLY working = order_await(token, json_text(first.json, "id"), "WORKING", DONE_MS);
    AUTO_REPLY also = order_await(token, json_text(second.json, "id"), "WORKING", DONE_MS);
    set_flag("false");
    await_status(token, 403);
    char path[128];
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/cancel", json_text(second.json, "id"));
    AUTO_REPLY cancel = instance_call(&(struct call){.method = "POST", .path = path, .token = token});
    cr_assert_eq(cancel.status, 202, "%s", cancel.body.data);
    AUTO_REPLY cancelled = order_await(token, json_text(second.json, "id"), "DONE", DONE_MS);
    cr_expect_str_eq(json_text(cancelled.json, "status"), "CANCELLED", "%s", cancelled.body.data);
    instance_price(SYMBOL, "539");
    AUTO_REPLY filled = order_await(token, json_text(first.json, "id"), "DONE", DONE_MS);
    instance_price(SYMBOL, "560");
    cr_expect_str_eq(json_text(filled.json, "status"), "FILLED", "%s", filled.body.data);
    AUTO_REPLY trail = order_trail(token, json_text(first.json, "id"), 4, DONE_MS);
    set_flag("true");
    await_status(token, 201);
}
