/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl flag: ORDER_EXECUTION_V2_ENABLED changed while gateways run. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/feature.h"
#include "tests/support/gateway_world.h"

enum { FOLLOW_MS = 20000, POLL_MS = 10 };

#define ORDERS "/api/v1/orders"
#define MARKET "{\"symbol\":\"AAPL\",\"side\":\"BUY\",\"quantity\":10,\"order_type\":\"MARKET\"}"

static struct gateway_world gateway;

static void begin(void)
{
    gateway_begin(&gateway);
    gateway_set_database(&gateway, "oxe_operations");
}

static void begin_pair(void)
{
    gateway_begin_pair(&gateway);
    gateway_set_database(&gateway, "oxe_operations");
}

static void end(void)
{
    gateway_end(&gateway);
}

static char *flag(const char *arguments, int *ret_status)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), "flag %s", arguments);
    return gateway_oxectl(line, ret_status);
}

static void set(const char *value)
{
    char arguments[64];
    int status = -1;

    (void)snprintf(arguments, sizeof(arguments), "%s --actor olga", value);
    AUTO_TEXT says = flag(arguments, &status);
    cr_assert_eq(status, 0, "%s: %s", value, says);
}

static long percent_of(int probe_port)
{
    return (long)(100 * world_metric_fraction(probe_port, "oxe_feature_ratio", NULL) + 0.5);
}

static void await(int probe_port, long percent)
{
    long seen = -1;

    for (int i = 0; i < FOLLOW_MS / POLL_MS; i++) {
        seen = percent_of(probe_port);
        if (seen == percent)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("the gateway has %ld %% in force, not %ld %%", seen, percent);
}

static void await_both(long percent)
{
    await(gateway.probe_port, percent);
    await(gateway.second_probe_port, percent);
}

static struct reply submit(const char *url, const char *token)
{
    return instance_call(
        &(struct call){.url = url, .method = "POST", .path = ORDERS, .token = token, .body = MARKET});
}

static void expect_order(const char *url, const char *token, bool taken)
{
    AUTO_REPLY reply = submit(url, token);

    cr_expect_eq(reply.status, taken ? 201 : 403, "%s", reply.body.data);
    if (!taken)
        cr_expect_str_eq(json_text(reply.json, "code"), "FEATURE_DISABLED", "%s", reply.body.data);
}

/* Which traders are in grows with the percentage, and both gateways agree on them. */
Test(flag, both_gateways_follow_a_change_without_restart, .init = begin_pair, .fini = end, .timeout = 180)
{
    static const struct {
        const char *value;
        int percent;
    } steps[] = {{"false", 0}, {"10", 10}, {"50%", 50}, {"true", 100}, {"0%", 0}, {"100", 100}};
    char *tokens[WORLD_TRADERS];

    for (size_t i = 0; i < WORLD_TRADERS; i++) {
        char subject[32];
        (void)snprintf(subject, sizeof(subject), "trader-%zu", i);
        tokens[i] = gateway_token(&gateway, subject);
    }
    expect_order(NULL, tokens[0], true);
    expect_order(gateway.second_url, tokens[0], true);
    for (size_t step = 0; step < ARRAY_LEN(steps); step++) {
        set(steps[step].value);
        await_both(steps[step].percent);
        for (size_t i = 0; i < WORLD_TRADERS; i++) {
            bool taken = feature_includes(steps[step].percent, world_trader(i));
            expect_order(NULL, tokens[i], taken);
            expect_order(gateway.second_url, tokens[i], taken);
        }
    }
    for (size_t i = 0; i < WORLD_TRADERS; i++)
        free(tokens[i]);
}

static void expect_reads(const char *url, const char *token, const char *order_path)
{
    const char *const paths[] = {ORDERS, order_path, "/api/v1/account", "/api/v1/positions",
                                 "/api/v1/instruments"};

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO_REPLY reply = instance_call(&(struct call){.url = url, .path = paths[i], .token = token});
        cr_expect_eq(reply.status, 200, "%s: %s", paths[i], reply.body.data);
    }
}

Test(flag, at_zero_reads_cancels_and_the_websocket_work, .init = begin_pair, .fini = end, .timeout = 120)
{
    char path[2][128], cancel[160];
    const char *const urls[] = {NULL, gateway.second_url};

    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        AUTO_REPLY order = submit(urls[i], token);
        cr_assert_eq(order.status, 201, "%s", order.body.data);
        (void)snprintf(path[i], sizeof(path[i]), ORDERS "/%s", json_text(order.json, "id"));
    }
    CLEANUP(ws_client_destroy) struct ws_client *before = gateway_watch(&gateway, token, "");
    cr_assert_not_null(strstr(gateway_next(before), "session.ready"));
    set("false");
    await_both(0);
    CLEANUP(ws_client_destroy) struct ws_client *after = gateway_watch(&gateway, token, "");
    cr_assert_not_null(strstr(gateway_next(after), "session.ready"));
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        expect_order(urls[i], token, false);
        expect_reads(urls[i], token, path[i]);
        (void)snprintf(cancel, sizeof(cancel), "%s/cancel", path[i]);
        AUTO_REPLY reply =
            instance_call(&(struct call){.url = urls[i], .method = "POST", .path = cancel, .token = token});
        cr_expect_eq(reply.status, 202, "%s", reply.body.data);
    }
    AUTO_TEXT frame = gateway_log_event(&gateway, 0, AUDIT_ACTION_FILLED);
    gateway_publish(&gateway, 0, frame);
    cr_expect_str_eq(gateway_next(before), frame);
    cr_expect_str_eq(gateway_next(after), frame);
}

Test(flag, the_database_s_value_outlives_postgresql_and_wins_over_the_environment_s, .init = begin,
     .fini = end, .timeout = 120)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");

    set("false");
    await(gateway.probe_port, 0);
    postgres_crash(gateway.world.postgres);
    world_await_status(gateway.probe_port, "/readyz", 503);
    cr_expect_eq(percent_of(gateway.probe_port), 0, "the last value stays");
    cr_assert_eq(postgres_resume(gateway.world.postgres), 0);
    PQreset(gateway.world.sql);
    world_await_status(gateway.probe_port, "/readyz", 200);
    expect_order(NULL, token, false);
    cr_assert_str_eq(getenv("ORDER_EXECUTION_V2_ENABLED"), "true");
    cr_assert_eq(gateway_stop(&gateway), 0);
    gateway_start(&gateway);
    expect_order(NULL, token, false);
    set("true");
    await(gateway.probe_port, 100);
    expect_order(NULL, token, true);
}

Test(flag, it_is_shown_with_who_set_it_and_a_wrong_value_is_refused, .init = begin, .fini = end,
     .timeout = 120)
{
    static const struct {
        const char *arguments;
        int status;
        const char *says;
    } cases[] = {
        {"", 0, "not set"},
        {"--history --json", 0, "[]"},
        {"101", 64, "percentage from 0 to 100"},
        {"yes", 64, "not 'yes'"},
        {"''", 64, "percentage"},
        {"--never", 64, "no option '--never'"},
        {"true false", 64, "one argument too many: 'false'"},
        {"--history true", 64, "only shows"},
        {"", 0, "not set"},
        {"25% --actor olga", 0, "25%"},
        {"25 --actor bob", 0, "olga"}, /* no change */
        {"true --actor carol", 0, "carol"},
        {"off --actor dan", 0, "false"},
        {"on --actor carol", 0, "carol"},
        {"--json", 0, "\"value\":\"true\",\"percent\":100,"},
        {"--history --json", 0,
         "Z\",\"actor\":\"carol\",\"role\":\"oxe_operations\",\"before\":25,\"after\":100}"},
        {"--history --json", 0,
         "\"actor\":\"olga\",\"role\":\"oxe_operations\",\"before\":null,\"after\":25}"},
    };
    int status = -1;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_TEXT says = flag(cases[i].arguments, &status);
        cr_expect_eq(status, cases[i].status, "%s: %d", cases[i].arguments, status);
        cr_expect(strstr(says, cases[i].says) != NULL, "%s says: %s", cases[i].arguments, says);
    }
    AUTO_TEXT history = flag("--history --json", &status);
    cr_expect_null(strstr(history, "bob"), "%s", history);
    gateway_set_database(&gateway, "oxe_trader");
    AUTO_TEXT refused = flag("false", &status);
    cr_expect(status == 2 && strstr(refused, "permission denied") != NULL, "%d: %s", status, refused);
    cr_assert_eq(unsetenv("OXE_DATABASE"), 0);
    AUTO_TEXT nowhere = flag("", &status);
    cr_expect(status == 64 && strstr(nowhere, "OXE_DATABASE") != NULL, "%d: %s", status, nowhere);
}
