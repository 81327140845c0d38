/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of requests of chance (generate.h): whatever comes, the answer is the contract's, never a 5xx,
 * and no process minds.
 *
 * OXE_CONTRACT_SEED (1) fixes the requests, OXE_CONTRACT_REQUESTS (3500) is how many. answers_test.sh judges
 * the answers. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/answers.h"
#include "tests/contract/generate.h"
#include "tests/contract/operations.h"

enum { WAIT_MS = 60000 };

TestSuite(generated, .timeout = 300);

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* An order that is done, for the paths that name one. */
static char *make_order(const char *token)
{
    AUTO_REPLY made = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_assert_eq(made.status, 201, "%ld %s", made.status, made.body.data);
    AUTO_REPLY done = order_await(token, json_text(made.json, "id"), "DONE", WAIT_MS);
    return strdup(json_text(done.json, "id"));
}

static const char *token_for(const char *operation, const char *const tokens[static WHO_COUNT])
{
    for (size_t i = 0; i < operations_count; i++) {
        if (strcmp(operations[i].id, operation) == 0)
            return tokens[operations[i].who];
    }
    return tokens[TRADER];
}

/* A generator that only makes nonsense shows nothing: these are to be among the answers. */
static void expect_variety(const bool *seen)
{
    static const int statuses[] = {200, 201, 400, 404, 405, 409, 413, 415, 422};

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        cr_expect(seen[statuses[i]], "no request was answered with %d", statuses[i]);
}

Test(generated, no_request_harms_the_suite)
{
    uint64_t seed = setting("OXE_CONTRACT_SEED", 1), count = setting("OXE_CONTRACT_REQUESTS", 3500);
    /* A limit that is not reached, so that the answers have what one brings. */
    char name[64];
    (void)snprintf(name, sizeof(name), "contract-generated-%" PRIu64, seed);
    AUTO_TEXT trader = instance_trader(name, "1000000000", "orders_per_minute = 1000000");
    AUTO_TEXT operations_token = instance_token("olga", "operations");
    AUTO_TEXT compliance = instance_token("carla", "compliance");
    const char *const tokens[WHO_COUNT] = {NULL, trader, compliance, operations_token};
    AUTO_TEXT order_id = make_order(trader);
    CLEANUP(generator_release)
    struct generator generator = {.state = seed, .order_id = order_id};
    AUTO_TEXT before = instance_processes();
    bool seen[600] = {false};
    struct call call;

    for (uint64_t i = 0; i < count; i++) {
        const char *operation = generate_request(&generator, &call);
        call.token = token_for(operation, tokens);
        AUTO_REPLY reply = answers_call(operation, &call);
        cr_assert(reply.status >= 200 && reply.status < 500,
                  "OXE_CONTRACT_SEED=%" PRIu64 ", request %" PRIu64 " (%s %s): %ld %s", seed, i, operation,
                  call.path, reply.status, reply.body.data);
        seen[reply.status] = true;
    }
    expect_variety(seen);
    free(make_order(trader));
    AUTO_TEXT after = instance_processes();
    cr_assert_str_eq(after, before, "OXE_CONTRACT_SEED=%" PRIu64 "\nbefore:\n%safter:\n%s", seed, before,
                     after);
    instance_check_invariants();
}
