/* SPDX-License-Identifier: Apache-2.0 */
/* Each response of docs/openapi.yaml, from each operation that has it. answers_test.sh judges what is
 * recorded, and that nothing is missing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/uuid.h"
#include "common/ws_client.h"
#include "proto/lane.h"
#include "tests/contract/answers.h"
#include "tests/contract/operations.h"

enum { WAIT_MS = 60000, LANES = 8, GATEWAY_PROBE = 10, BODY_MAX = 16 * 1024 };

#define ORDERS       "/api/v1/orders"
#define BARS         "/api/v1/instruments/AAPL/bars?interval="
#define FILLS        "/api/v1/fills"
#define HALTS        "/api/v1/admin/halts"
#define MARKET_ORDER "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"
#define RESTING_ORDER                                                                                        \
    "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"LIMIT\",\"price\":140,\"time_in_force\":\"GTC\"}"

static void clear_faults(void)
{
    AUTO_TEXT done = instance_oxe((const char *[]){"ctl", "sim", "fault", "clear", NULL}, NULL);
}

TestSuite(responses, .timeout = 120);
TestSuite(doubt, .timeout = 120, .fini = clear_faults);

static struct reply expect(const char *operation, struct call call, long status)
{
    struct reply reply = answers_call(operation, &call);

    cr_assert_eq(reply.status, status, "%s, not %ld: %ld %s", operation, status, reply.status,
                 reply.body.data);
    return reply;
}

static void expect_only(const char *operation, struct call call, long status)
{
    AUTO_REPLY reply = expect(operation, call, status);
}

/* A token of each kind; the trader has an account. */
static void make_tokens(const char *trader, char *ret_tokens[static WHO_COUNT])
{
    ret_tokens[ANYONE] = NULL;
    ret_tokens[TRADER] = instance_trader(trader, "100000", NULL);
    ret_tokens[COMPLIANCE] = instance_token("carla", "compliance");
    ret_tokens[OPERATIONS] = instance_token("olga", "operations");
}

static void free_tokens(char *tokens[static WHO_COUNT])
{
    for (size_t i = 0; i < WHO_COUNT; i++)
        free(tokens[i]);
}

/* --- what goes well --- */

static void expect_reads_of_order(const char *trader, const char *compliance, const char *id)
{
    char one[OPERATION_PATH_MAX], trail[OPERATION_PATH_MAX];

    (void)snprintf(one, sizeof(one), ORDERS "/%s", id);
    (void)snprintf(trail, sizeof(trail), ORDERS "/%s/audit", id);
    AUTO_REPLY done = order_await(trader, id, "DONE", WAIT_MS);
    AUTO_REPLY entries = order_trail(trader, id, 4, WAIT_MS);
    AUTO_REPLY order = expect("getOrder", (struct call){.path = one, .token = trader}, 200);
    cr_assert_eq(json_count(order.json, "fills"), 1, "%s", order.body.data);
    expect_only("getOrderAudit", (struct call){.path = trail, .token = trader}, 200);
    expect_only("getOrderAudit", (struct call){.path = trail, .token = compliance}, 200);
    (void)snprintf(one, sizeof(one), ORDERS "/%s/proofs", id);
    expect_only("proveOrder", (struct call){.path = one, .token = trader}, 200);
    expect_only("proveOrder", (struct call){.path = one, .token = compliance}, 200);
    (void)snprintf(one, sizeof(one), FILLS "?order_id=%s", id);
    AUTO_REPLY fills = expect("listFills", (struct call){.path = one, .token = trader}, 200);
    cr_assert_eq(json_count(fills.json, "fills"), 1, "%s", fills.body.data);
    expect_only("listFills", (struct call){.path = FILLS "?limit=1", .token = trader}, 200);
}

Test(responses, an_order_is_submitted_repeated_read_and_cancelled)
{
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    make_tokens("contract-order", tokens);
    const char *token = tokens[TRADER];

    struct call submit = {.path = ORDERS, .token = token, .body = MARKET_ORDER, .key = "once"};
    AUTO_REPLY made = expect("submitOrder", submit, 201);
    expect_only("submitOrder", submit, 200);
    expect_reads_of_order(token, tokens[COMPLIANCE], json_text(made.json, "id"));
    (void)snprintf(path, sizeof(path), ORDERS "/%s/cancel", json_text(made.json, "id"));
    expect_only("cancelOrder", (struct call){.method = "POST", .path = path, .token = token}, 409);

    AUTO_REPLY open =
        expect("submitOrder", (struct call){.path = ORDERS, .token = token, .body = RESTING_ORDER}, 201);
    AUTO_REPLY works = order_await(token, json_text(open.json, "id"), "WORKING", WAIT_MS);
    (void)snprintf(path, sizeof(path), ORDERS "/%s/cancel", json_text(open.json, "id"));
    expect_only("cancelOrder", (struct call){.method = "POST", .path = path, .token = token}, 202);

    AUTO_REPLY page = expect("listOrders", (struct call){.path = ORDERS "?limit=1", .token = token}, 200);
    (void)snprintf(path, sizeof(path), ORDERS "?limit=1&cursor=%s", json_text(page.json, "next_cursor"));
    expect_only("listOrders", (struct call){.path = path, .token = token}, 200);
    free_tokens(tokens);
}

Test(responses, a_preview_says_yes_or_why_not)
{
    AUTO_TEXT token = instance_trader("contract-preview", "1000", NULL);
    struct call call = {.path = ORDERS "/preview", .token = token, .body = MARKET_ORDER};

    AUTO_REPLY good = expect("previewOrder", call, 200);
    cr_assert_str_eq(json_text(good.json, "acceptable"), "true", "%s", good.body.data);
    call.body = "{\"symbol\":\"AAPL\",\"quantity\":100,\"order_type\":\"LIMIT\",\"price\":150.001}";
    AUTO_REPLY bad = expect("previewOrder", call, 200);
    cr_assert_gt(json_count(bad.json, "errors"), 1, "%s", bad.body.data);
}

Test(responses, the_account_can_be_read)
{
    static const char *const intervals[] = {"1m", "5m", "1h", "1d"};
    char path[OPERATION_PATH_MAX];
    AUTO_TEXT token = instance_trader("contract-account", "1000", NULL);
    instance_position("contract-account", "MSFT", "5");

    expect_only("getAccount", (struct call){.path = "/api/v1/account", .token = token}, 200);
    AUTO_REPLY held =
        expect("listPositions", (struct call){.path = "/api/v1/positions", .token = token}, 200);
    cr_assert_eq(json_count(held.json, "positions"), 1, "%s", held.body.data);
    AUTO_REPLY traded =
        expect("listInstruments", (struct call){.path = "/api/v1/instruments", .token = token}, 200);
    cr_assert_gt(json_count(traded.json, "instruments"), 0, "%s", traded.body.data);
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        (void)snprintf(path, sizeof(path), BARS "%s&limit=1", intervals[i]);
        AUTO_REPLY bars = expect("listBars", (struct call){.path = path, .token = token}, 200);
        cr_assert_eq(json_count(bars.json, "bars"), 1, "%s", bars.body.data);
    }
}

Test(responses, the_stream_opens)
{
    AUTO_TEXT token = instance_trader("contract-stream", "1000", NULL);
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer header = BUFFER_INIT(0);
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    int status = 0;

    buffer_append_format(&url, "ws%s/ws/orders/events", instance_url() + strlen("http"));
    buffer_append_format(&header, "Authorization: Bearer %s", token);
    int r = ws_client_open(url.data, (const char *[]){header.data, NULL}, WAIT_MS, &client, &status);
    cr_assert_eq(r, 0, "%s: %s, status %d", url.data, strerror(-r), status);
    answers_add_upgrade("subscribeOrderEvents", status);
}

static void expect_halt(const char *token, const char *trader, const char *body)
{
    char path[OPERATION_PATH_MAX];
    AUTO_REPLY made = expect("createHalt", (struct call){.path = HALTS, .token = token, .body = body}, 201);

    AUTO_REPLY all = expect("listHalts", (struct call){.path = HALTS, .token = token}, 200);
    cr_assert_eq(json_count(all.json, "halts"), 1, "%s", all.body.data);
    AUTO_REPLY own = expect("listOwnHalts", (struct call){.path = "/api/v1/halts", .token = trader}, 200);
    cr_assert_eq(json_count(own.json, "halts"), 1, "%s", own.body.data);
    (void)snprintf(path, sizeof(path), HALTS "/%s", json_text(made.json, "id"));
    struct call lift = {.method = "DELETE", .path = path, .token = token};
    expect_only("liftHalt", lift, 204);
    expect_only("liftHalt", lift, 404);
}

Test(responses, halts_come_and_go)
{
    AUTO_TEXT operations_token = instance_token("olga", "operations");
    AUTO_TEXT trader = instance_trader("contract-halted", "1000", NULL);
    AUTO_TEXT id = instance_sql("SELECT id FROM oxe.traders WHERE subject = 'contract-halted'");
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"scope\":\"TRADER\",\"trader_id\":\"%s\",\"reason\":\"é\"}", id);
    expect_halt(operations_token, trader, body);
    AUTO_REPLY services = expect(
        "listServices", (struct call){.path = "/api/v1/admin/services", .token = operations_token}, 200);
    cr_assert_geq(json_count(services.json, "services"), 8, "%s", services.body.data);
    expect_halt(operations_token, trader, "{\"scope\":\"SYMBOL\",\"symbol\":\"TSLA\",\"reason\":\"news\"}");
}

/* Everything that a search may be asked for, and both forms of an export. */
Test(responses, the_audit_log_is_searched_and_exported)
{
    AUTO_TEXT token = instance_token("carla", "compliance");
    AUTO_TEXT trader = instance_trader("contract-audited", "1000", NULL);
    static const char *const paths[] = {
        "/api/v1/audit",
        "/api/v1/audit?limit=1",
        "/api/v1/audit?action=FILLED&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
        "/api/v1/audit?order_id=" NO_SUCH_ID "&trader_id=" NO_SUCH_ID,
        "/api/v1/audit/export",
        "/api/v1/audit/export?format=ndjson&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
        "/api/v1/audit/export?format=csv",
        "/api/v1/audit/export?format=csv&trader_id=" NO_SUCH_ID,
    };
    AUTO_REPLY order = order_submit(trader, MARKET_ORDER);
    AUTO_REPLY entries = order_trail(trader, json_text(order.json, "id"), 4, WAIT_MS);

    for (size_t i = 0; i < operations_count; i++) {
        const struct operation *operation = &operations[i];
        if (operation->who != COMPLIANCE)
            continue;
        size_t length = strlen(operation->path);
        for (size_t p = 0; p < ARRAY_LEN(paths); p++) {
            if (strncmp(paths[p], operation->path, length) == 0 && paths[p][length] != '/')
                expect_only(operation->id, (struct call){.path = paths[p], .token = token}, 200);
        }
    }
}

/* A checkpoint covers what was recorded a second ago; no log here has a tile of its last possible number. */
Test(responses, the_log_is_published)
{
    AUTO_TEXT token = instance_token("carla", "compliance");
    AUTO_TEXT trader = instance_trader("contract-log", "10000", NULL);
    AUTO_REPLY order = order_submit(trader, MARKET_ORDER);
    AUTO_REPLY entries = order_trail(trader, json_text(order.json, "id"), 4, WAIT_MS);
    int64_t end_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
    long status = 0;

    while (status != 200 && clock_monotonic_us() < end_us) {
        AUTO_REPLY tile = instance_call(&(struct call){.path = "/tile/0/000.p/1"});
        status = tile.status;
    }
    expect_only("getCheckpoint", (struct call){.path = "/checkpoint"}, 200);
    expect_only("getAuditPolicy", (struct call){.path = "/audit-policy"}, 200);
    /* No authority stamps this instance's log; a stamp that its owner puts there is shown as it is. */
    expect_only("getAuditStamp", (struct call){.path = "/audit-stamp"}, 404);
    AUTO_TEXT put = instance_sql(
        "SET session_replication_role = replica; INSERT INTO oxe.audit_stamps SELECT tree_size, note, "
        "'stamp', now() FROM oxe.audit_published LIMIT 1");
    expect_only("getAuditStamp", (struct call){.path = "/audit-stamp"}, 200);
    expect_only("getTile", (struct call){.path = "/tile/0/000.p/1"}, 200);
    expect_only("getTile", (struct call){.path = "/tile/0/x999/x999/999"}, 404);
    expect_only("getEntryBundle", (struct call){.path = "/tile/entries/000.p/1", .token = token}, 200);
    expect_only("getEntryBundle", (struct call){.path = "/tile/entries/x999/x999/999", .token = token}, 404);
}

/* The gateway answers probes at its public port too. */
Test(responses, probes_are_answered)
{
    char probe[64];

    (void)snprintf(probe, sizeof(probe), "http://127.0.0.1:%d", instance_port() + GATEWAY_PROBE);
    expect_only("live", (struct call){.path = "/healthz"}, 200);
    expect_only("ready", (struct call){.path = "/readyz"}, 200);
    expect_only("live", (struct call){.url = probe, .path = "/healthz"}, 200);
    expect_only("ready", (struct call){.url = probe, .path = "/readyz"}, 200);
    expect_only("metrics", (struct call){.url = probe, .path = "/metrics"}, 200);
}

/* --- an order in doubt --- */

static void arm(const char *const *words, int lane)
{
    const char *argv[12] = {"ctl", "sim", "fault"};
    char session[16];
    size_t count = 3;

    (void)snprintf(session, sizeof(session), "session=OXE-L%d", lane);
    for (size_t i = 0; words[i] != NULL; i++)
        argv[count++] = words[i];
    argv[count] = session;
    AUTO_TEXT done = instance_oxe(argv, NULL);
}

/* The line breaks with the order and does not come back, until the attempts are used up. */
Test(doubt, operations_resolve_what_is_in_doubt_and_nothing_else)
{
    AUTO_TEXT token = instance_trader("contract-doubt", "100000", NULL);
    AUTO_TEXT operations_token = instance_token("olga", "operations");
    AUTO_TEXT trader_id = instance_sql("SELECT id FROM oxe.traders WHERE subject = 'contract-doubt'");
    char path[OPERATION_PATH_MAX];
    struct uuid uuid;
    cr_assert_eq(uuid_parse(trader_id, strlen(trader_id), &uuid), 0);
    arm((const char *[]){"refuse", "message=logon", "always", NULL}, lane_of(uuid, LANES));
    arm((const char *[]){"drop-before", "message=order", NULL}, lane_of(uuid, LANES));

    AUTO_REPLY made = order_submit(token, RESTING_ORDER);
    const char *id = json_text(made.json, "id");
    AUTO_REPLY doubt = order_await(token, id, "IN_DOUBT", WAIT_MS);
    AUTO_REPLY questions = expect(
        "listOpenQuestions", (struct call){.path = "/api/v1/admin/orders", .token = operations_token}, 200);
    cr_assert_eq(json_count(questions.json, "orders"), 1, "%s", questions.body.data);
    AUTO_REPLY lanes =
        expect("listLanes", (struct call){.path = "/api/v1/admin/lanes", .token = operations_token}, 200);
    cr_assert_eq(json_count(lanes.json, "lanes"), LANES, "%s", lanes.body.data);
    (void)snprintf(path, sizeof(path), "/api/v1/admin/orders/%s/resolve", id);
    struct call resolve = {.path = path,
                           .token = operations_token,
                           .body = "{\"action\":\"REJECT\",\"reason\":\"the exchange never had it\"}"};
    expect_only("resolveOrder", resolve, 202);
    clear_faults();
    AUTO_REPLY done = order_await(token, id, "DONE", WAIT_MS);
    expect_only("resolveOrder", resolve, 409);
}

Test(responses, people_are_signed_in_for_development)
{
    expect_only("listDevelopmentPeople", (struct call){.path = "/dev/sign-in"}, 200);
    expect_only("signInForDevelopment",
                (struct call){.path = "/dev/sign-in", .body = "{\"subject\":\"carol\"}"}, 200);
}

/* --- what does not --- */

Test(responses, without_a_token_nothing_is_told)
{
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    make_tokens("contract-nobody", tokens);

    for (size_t i = 0; i < operations_count; i++) {
        struct call call = operation_call(&operations[i], NULL, path);
        if (operations[i].who != ANYONE)
            expect_only(operations[i].id, call, 401);
    }
    free_tokens(tokens);
}

Test(responses, who_may_not_is_told_so)
{
    AUTO_TEXT stranger = instance_token("contract-stranger", NULL);
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    make_tokens("contract-forbidden", tokens);

    for (size_t i = 0; i < operations_count; i++) {
        struct call call = operation_call(&operations[i], NULL, path);
        call.token = operations[i].who == TRADER ? stranger : tokens[TRADER];
        if (operations[i].who != ANYONE)
            expect_only(operations[i].id, call, 403);
        call.header = "Origin: https://evil.example";
        if (strcmp(operations[i].path, "/dev/sign-in") == 0)
            expect_only(operations[i].id, call, 403);
    }
    free_tokens(tokens);
}

/* What the operation cannot read: an id, a body, a parameter. */
Test(responses, what_cannot_be_read_is_refused)
{
    static const struct {
        const char *operation, *query;
    } queries[] = {{"listOrders", "?limit=0"},
                   {"listFills", "?order_id=7"},
                   {"listBars", "&limit=0"},
                   {"searchAudit", "?limit=0"},
                   {"exportAudit", "?format=xml"},
                   {"listOpenQuestions", "?limit=0"},
                   {"subscribeOrderEvents", "?last_seq=-1"}};
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    make_tokens("contract-malformed", tokens);

    for (size_t i = 0; i < operations_count; i++) {
        const struct operation *operation = &operations[i];
        struct call call = operation_call(operation, "42", path);
        bool bad = operation->after_id != NULL || operation->body != NULL;
        for (size_t q = 0; q < ARRAY_LEN(queries); q++) {
            if (strcmp(queries[q].operation, operation->id) == 0) {
                (void)strcat(path, queries[q].query);
                bad = true;
            }
        }
        call.token = tokens[operation->who];
        call.body = operation->body == NULL ? NULL : "{";
        if (bad)
            expect_only(operation->id, call, 400);
    }
    free_tokens(tokens);
}

Test(responses, bodies_that_are_none_are_refused)
{
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX], large[BODY_MAX + 2];
    make_tokens("contract-bodies", tokens);
    memset(large, ' ', sizeof(large));
    large[sizeof(large) - 1] = '\0';

    for (size_t i = 0; i < operations_count; i++) {
        struct call call = operation_call(&operations[i], NULL, path);
        if (call.body == NULL)
            continue;
        call.token = tokens[operations[i].who];
        call.type = "text/plain";
        expect_only(operations[i].id, call, 415);
        call.type = NULL;
        call.body = "{}";
        expect_only(operations[i].id, call, 422);
        call.body = large;
        expect_only(operations[i].id, call, 413);
    }
    free_tokens(tokens);
}

Test(responses, what_is_not_there_is_not_found)
{
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    char header[BODY_MAX] = "A: ";
    make_tokens("contract-missing", tokens);

    for (size_t i = 0; i < operations_count; i++) {
        struct call call = operation_call(&operations[i], NULL, path);
        call.token = tokens[operations[i].who];
        if (operations[i].after_id != NULL)
            expect_only(operations[i].id, call, 404);
        call.method = "PUT";
        expect_only("wrongMethod", call, 405);
    }
    expect_only("listBars",
                (struct call){.path = "/api/v1/instruments/NONE/bars?interval=1m", .token = tokens[TRADER]},
                404);
    memset(header + 3, 'a', sizeof(header) - 4);
    expect_only("largeHead", (struct call){.path = "/readyz", .header = header}, 431);
    expect_only("unknownPath", (struct call){.path = "/api/v1/nothing", .token = tokens[TRADER]}, 404);
    free_tokens(tokens);
}

/* A refusal by the rules, with its figures, and one by the account. */
Test(responses, orders_that_the_rules_forbid_are_refused)
{
    AUTO_TEXT poor = instance_trader("contract-poor", "1", NULL);
    AUTO_TEXT suspended = instance_trader("contract-suspended", "1000", "status = 'SUSPENDED'");

    AUTO_REPLY reply =
        expect("submitOrder", (struct call){.path = ORDERS, .token = poor, .body = MARKET_ORDER}, 422);
    cr_assert_str_not_empty(json_text(reply.json, "errors/0/limit"), "%s", reply.body.data);
    expect_only("submitOrder", (struct call){.path = ORDERS, .token = suspended, .body = MARKET_ORDER}, 403);
}

/* What the gateways count by in Redis; the script sees each list as key. */
static void each_window(const char *lua)
{
    char script[512];

    (void)snprintf(script, sizeof(script),
                   "for _, key in ipairs(redis.call('KEYS', 'oxe:window:*')) do %s end", lua);
    AUTO_TEXT done = instance_oxe((const char *[]){"redis-cli", "EVAL", script, "0", NULL}, NULL);
}

/* After one request of each kind, all are used up. */
Test(responses, too_many_requests_are_refused)
{
    static const char fill[] = "local t = redis.call('LINDEX', key, 0)"
                               "for i = 1, 6000 do redis.call('LPUSH', key, t) end";
    char *tokens[WHO_COUNT], path[OPERATION_PATH_MAX];
    make_tokens("contract-hasty", tokens);

    each_window("redis.call('DEL', key)");
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < operations_count; i++) {
            struct call call = operation_call(&operations[i], NULL, path);
            call.token = tokens[operations[i].who];
            if (operations[i].who != TRADER && operations[i].who != COMPLIANCE)
                continue;
            AUTO_REPLY reply = answers_call(operations[i].id, &call);
            cr_expect_eq(reply.status == 429, round == 1, "%s: %ld %s", operations[i].id, reply.status,
                         reply.body.data);
        }
        each_window(round == 0 ? fill : "redis.call('DEL', key)");
    }
    free_tokens(tokens);
}
