/* SPDX-License-Identifier: Apache-2.0 */
/* Trading halts: over HTTP as the contract says, in force for every order
 * after the answer with two risk-managers, and cancelling what is open
 * whoever dies. Real gateway, validator, risk-managers and PostgreSQL. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define HALTS   "/api/v1/admin/halts"
#define ORDER   "{\"symbol\":\"%s\",\"quantity\":10,\"order_type\":\"MARKET\"}"
#define NOWHERE "0199f0a5-7d0c-7000-8000-000000000001"

/* ---- over HTTP ---- */

static struct reply halt(const char *token, const char *body)
{
    return instance_call(&(struct call){.method = "POST", .path = HALTS, .token = token, .body = body});
}

static struct reply lift(const char *token, const char *id)
{
    char path[128];

    (void)snprintf(path, sizeof(path), HALTS "/%s", id);
    return instance_call(&(struct call){.method = "DELETE", .path = path, .token = token});
}

static void expect(const struct reply *reply, long status, const char *code, const char *fact)
{
    cr_expect_eq(reply->status, status, "%s: %ld %s", fact, reply->status,
                 reply->body.length > 0 ? reply->body.data : "");
    cr_expect_str_eq(json_text(reply->json, "code"), code, "%s", fact);
}

static long submit(const char *token, const char *symbol)
{
    char body[128];

    (void)snprintf(body, sizeof(body), ORDER, symbol);
    AUTO_REPLY reply = order_submit(token, body);
    if (reply.status == 422)
        cr_expect_str_eq(json_text(reply.json, "code"), "TRADING_HALTED", "%s", reply.body.data);
    return reply.status;
}

static char *operations_token(const struct gateway_world *gateway)
{
    return gateway_token_with(gateway->key, "olga", 3600, ",\"oxe_role\":\"operations\"");
}

Test(halt, each_scope_stops_whom_it_names_until_it_is_lifted, .timeout = 60)
{
    struct gateway_world gateway;
    char trader[37], bodies[3][256];
    static const struct {
        const char *scope;
        long first, other, msft; /* statuses: trader 0 AAPL, trader 1 AAPL, trader 0 MSFT */
    } cases[] = {{"ALL", 422, 422, 422}, {"TRADER", 422, 201, 422}, {"SYMBOL", 422, 422, 201}};

    gateway_begin(&gateway);
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    uuid_format(world_trader(0), trader);
    (void)snprintf(bodies[0], sizeof(bodies[0]), "{\"scope\":\"ALL\",\"reason\":\"a drill\"}");
    (void)snprintf(bodies[1], sizeof(bodies[1]),
                   "{\"scope\":\"TRADER\",\"trader_id\":\"%s\",\"reason\":\"a drill\"}", trader);
    (void)snprintf(bodies[2], sizeof(bodies[2]),
                   "{\"scope\":\"SYMBOL\",\"symbol\":\"AAPL\",\"reason\":\"a drill\",\"cancel_open\":false}");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY made = halt(operations, bodies[i]);
        expect(&made, 201, "", cases[i].scope);
        cr_expect_str_eq(json_text(made.json, "scope"), cases[i].scope);
        cr_expect_str_eq(json_text(made.json, "created_by"), "olga");
        cr_expect_str_eq(json_text(made.json, "reason"), "a drill");
        cr_expect_str_eq(json_text(made.json, "trader_id"), i == 1 ? trader : "null");
        cr_expect_str_eq(json_text(made.json, "symbol"), i == 2 ? "AAPL" : "null");
        cr_expect_eq(submit(token, "AAPL"), cases[i].first, "%s", cases[i].scope);
        cr_expect_eq(submit(other, "AAPL"), cases[i].other, "%s", cases[i].scope);
        cr_expect_eq(submit(token, "MSFT"), cases[i].msft, "%s", cases[i].scope);

        AUTO_TEXT id = strdup(json_text(made.json, "id"));
        AUTO_REPLY list = gateway_get(operations, HALTS);
        expect(&list, 200, "", "the list");
        cr_expect_eq(json_count(list.json, "halts"), 1);
        cr_expect_str_eq(json_text(list.json, "halts/0/id"), id);
        cr_expect_str_eq(json_text(list.json, "halts/0/created_at"), json_text(made.json, "created_at"));
        AUTO_REPLY lifted = lift(operations, id);
        expect(&lifted, 204, "", "lifted");
        AUTO_REPLY again = lift(operations, id);
        expect(&again, 404, "NOT_FOUND", "lifted twice");
        cr_expect_eq(submit(token, "AAPL"), 201, "%s is lifted", cases[i].scope);
    }
    AUTO_REPLY list = gateway_get(operations, HALTS);
    cr_expect_eq(json_count(list.json, "halts"), 0);
    gateway_end(&gateway);
}

Test(halt, what_is_no_halt_is_refused_with_every_fault, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT trader = gateway_token(&gateway, "trader-0");
    AUTO_TEXT compliance = gateway_token_with(gateway.key, "carl", 3600, ",\"oxe_role\":\"compliance\"");
    const struct {
        const char *fact, *token, *body;
        long status;
        const char *code, *field, *fault;
    } cases[] = {
        {"no token", NULL, "{}", 401, "UNAUTHENTICATED", "", ""},
        {"a trader", trader, "{\"scope\":\"ALL\",\"reason\":\"x\"}", 403, "FORBIDDEN", "", ""},
        {"compliance", compliance, "{\"scope\":\"ALL\",\"reason\":\"x\"}", 403, "FORBIDDEN", "", ""},
        {"no JSON", operations, "{", 400, "MALFORMED_JSON", "", ""},
        {"no scope", operations, "{\"reason\":\"x\"}", 422, "VALIDATION_FAILED", "/scope", "REQUIRED"},
        {"no reason", operations, "{\"scope\":\"ALL\"}", 422, "VALIDATION_FAILED", "/reason", "REQUIRED"},
        {"an empty reason", operations, "{\"scope\":\"ALL\",\"reason\":\"\"}", 422, "VALIDATION_FAILED",
         "/reason", "INVALID_VALUE"},
        {"another scope", operations, "{\"scope\":\"MARKET\",\"reason\":\"x\"}", 422, "VALIDATION_FAILED",
         "/scope", "INVALID_VALUE"},
        {"a trader without an id", operations, "{\"scope\":\"TRADER\",\"reason\":\"x\"}", 422,
         "VALIDATION_FAILED", "/trader_id", "REQUIRED"},
        {"an id that is none", operations, "{\"scope\":\"TRADER\",\"trader_id\":\"7\",\"reason\":\"x\"}", 422,
         "VALIDATION_FAILED", "/trader_id", "INVALID_VALUE"},
        {"an unknown trader", operations,
         "{\"scope\":\"TRADER\",\"trader_id\":\"" NOWHERE "\",\"reason\":\"x\"}", 422, "VALIDATION_FAILED",
         "/trader_id", "INVALID_VALUE"},
        {"an unknown symbol", operations, "{\"scope\":\"SYMBOL\",\"symbol\":\"NONE\",\"reason\":\"x\"}", 422,
         "VALIDATION_FAILED", "/symbol", "UNKNOWN_SYMBOL"},
        {"a symbol for all", operations, "{\"scope\":\"ALL\",\"symbol\":\"AAPL\",\"reason\":\"x\"}", 422,
         "VALIDATION_FAILED", "/symbol", "INVALID_VALUE"},
        {"cancel_open is no boolean", operations, "{\"scope\":\"ALL\",\"reason\":\"x\",\"cancel_open\":1}",
         422, "VALIDATION_FAILED", "/cancel_open", "INVALID_TYPE"},
        {"cancel_open as text", operations, "{\"scope\":\"ALL\",\"reason\":\"x\",\"cancel_open\":\"true\"}",
         422, "VALIDATION_FAILED", "/cancel_open", "INVALID_TYPE"},
        {"a boolean reason", operations, "{\"scope\":\"ALL\",\"reason\":true}", 422, "VALIDATION_FAILED",
         "/reason", "INVALID_TYPE"},
        {"an unknown member", operations, "{\"scope\":\"ALL\",\"reason\":\"x\",\"cancelOpen\":true}", 422,
         "VALIDATION_FAILED", "/cancelOpen", "UNKNOWN_FIELD"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY reply = halt(cases[i].token, cases[i].body);
        expect(&reply, cases[i].status, cases[i].code, cases[i].fact);
        cr_expect_str_eq(json_text(reply.json, "errors/0/field"), cases[i].field, "%s: %s", cases[i].fact,
                         reply.body.data);
        cr_expect_str_eq(json_text(reply.json, "errors/0/code"), cases[i].fault, "%s", cases[i].fact);
    }
    AUTO_REPLY type = instance_call(&(struct call){
        .method = "POST", .path = HALTS, .token = operations, .body = "{}", .type = "text/plain"});
    expect(&type, 415, "UNSUPPORTED_MEDIA_TYPE", "no JSON type");
    AUTO_REPLY bad = lift(operations, "7");
    expect(&bad, 400, "MALFORMED_REQUEST", "no id");
    AUTO_REPLY missing = lift(operations, NOWHERE);
    expect(&missing, 404, "NOT_FOUND", "no halt");
    AUTO_REPLY forbidden = lift(trader, NOWHERE);
    expect(&forbidden, 403, "FORBIDDEN", "a trader lifts");
    AUTO_REPLY hidden = gateway_get(trader, HALTS);
    expect(&hidden, 403, "FORBIDDEN", "a trader lists");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.halts"), "0");
    gateway_end(&gateway);
}

static void run_ctl(char *const operations, const char *arguments, int wanted, const char *shows)
{
    char command[512];
    int status = -1;

    (void)snprintf(command, sizeof(command), "OXE_URL=%s OXE_TOKEN=%s '%s' %s 2>&1", instance_url(),
                   operations, getenv("OXE_CTL_BINARY"), arguments);
    AUTO_TEXT output = instance_run((const char *[]){"sh", "-c", command, NULL}, &status);
    cr_expect_eq(status, wanted, "%s ends with %d: %s", arguments, status, output);
    cr_expect_not_null(strstr(output, shows), "%s prints %s", arguments, output);
}

Test(halt, oxectl_halts_lists_and_resumes, .timeout = 60)
{
    struct gateway_world gateway;
    char command[64];

    gateway_begin(&gateway);
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    run_ctl(operations, "halt ALL", 64, "--reason");
    run_ctl(operations, "halt --reason why AAPL", 64, "TRADER and the id");
    run_ctl(operations, "halt --reason why SYMBOL NONE", 1, "/symbol UNKNOWN_SYMBOL");
    run_ctl(token, "halt --reason why ALL", 1, "FORBIDDEN");
    run_ctl(operations, "halt --reason 'they say so' SYMBOL AAPL", 0, "-");
    run_ctl(operations, "halts", 0, "they say so");
    cr_expect_eq(submit(token, "AAPL"), 422);
    (void)snprintf(command, sizeof(command), "resume %s",
                   world_value(&gateway.world, "SELECT id FROM oxe.halts"));
    run_ctl(operations, command, 0, "");
    run_ctl(operations, command, 1, "NOT_FOUND");
    run_ctl(operations, "resume AAPL", 64, "HALT is an id");
    cr_expect_eq(submit(token, "AAPL"), 201);
    gateway_end(&gateway);
}

/* ---- with two risk-managers ---- */

static struct world world;

static void begin(void)
{
    world_begin(&world, 2);
}

static void end(void)
{
    world_end(&world);
}

static struct halt_request make_halt(bool cancel_open)
{
    struct halt_request request = {.handle = ++world.requests,
                                   .halt_id = uuid_next(&world.ids, clock_now()),
                                   .received_at = clock_now(),
                                   .has_scope = true,
                                   .scope = HALT_SCOPE_ALL,
                                   .has_cancel_open = true,
                                   .cancel_open = cancel_open,
                                   .actor = "olga",
                                   .reason = "a drill"};

    (void)snprintf(request.reply_to, sizeof(request.reply_to), "ipc://%s/answers", world.directory);
    return request;
}

static void send_halt(size_t risk_manager, const struct halt_request *request)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct envelope envelope = {.id = request->halt_id, .sent_at = clock_now()};

    envelope.deadline.us = clock_now().us + 30 * 1000000;
    cr_assert_eq(halt_request_encode(&envelope, request, &bytes), 0);
    for (int i = 0; pipe_send(world.to_risk[risk_manager], bytes.data, bytes.length) < 0; i++) {
        cr_assert_lt(i, 2000, "nobody takes the halt");
        (void)poll(NULL, 0, 5);
    }
}

static struct uuid admit(size_t trader)
{
    struct order_request order = world_order(&world, trader);

    cr_assert_eq(world_ask(&world, &order)->outcome, ANSWER_CREATED);
    return order.order_id;
}

/* Orders stream into both risk-managers while one of them sets a halt: from its answer on none is admitted.
 */
Test(halt, no_order_is_admitted_after_the_answer_with_two_risk_managers, .init = begin, .fini = end,
     .timeout = 120)
{
    enum { BEFORE = 300, ROUNDS = 5, AFTER = 40 };

    for (int round = 0; round < ROUNDS; round++) {
        struct halt_request request = make_halt(false);
        uint64_t halt_id = request.handle, first_after = 0;
        size_t admitted_after = 0, refused_after = 0, answered = 0, sent = 0;

        for (; sent < BEFORE; sent++) {
            struct order_request order = world_order(&world, sent % WORLD_TRADERS);
            world_send_checked(&world, sent % 2, &order, (struct instant){0});
            if (sent == BEFORE / 2)
                send_halt((size_t)round % 2, &request);
        }
        while (answered < sent + 1) {
            const struct answer *answer = world_answer(&world);
            answered++;
            if (answer->handle == halt_id) {
                cr_assert_eq(answer->outcome, ANSWER_ACCEPTED);
                for (int i = 0; i < AFTER; i++, sent++) {
                    struct order_request order = world_order(&world, sent % WORLD_TRADERS);
                    first_after = first_after == 0 ? order.handle : first_after;
                    world_send_checked(&world, sent % 2, &order, (struct instant){0});
                }
            } else if (first_after != 0 && answer->handle >= first_after) {
                admitted_after += answer->outcome == ANSWER_CREATED;
                refused_after += answer->outcome == ANSWER_REJECTED;
            }
        }
        cr_expect_eq(admitted_after, 0, "%zu were admitted after the halt's answer", admitted_after);
        cr_expect_eq(refused_after, AFTER);
        request.lift = true;
        request.handle = ++world.requests;
        send_halt((size_t)round % 2, &request);
        cr_assert_eq(world_answer(&world)->outcome, ANSWER_ACCEPTED);
    }
    cr_expect_str_eq(world_value(&world, "SELECT count(*) FROM oxe.halts"), "0");
}

static void await_value(const char *sql, const char *wanted)
{
    for (int i = 0; strcmp(world_value(&world, "%s", sql), wanted) != 0; i++) {
        cr_assert_lt(i, 3000, "%s is still '%s', not '%s'", sql, world_value(&world, "%s", sql), wanted);
        (void)poll(NULL, 0, 10);
    }
}

#define UNASKED                                                                                              \
    "SELECT count(*) FROM oxe.orders WHERE execution_state <> 'DONE' AND cancel_requested_at IS NULL"

Test(halt, what_is_open_is_cancelled_in_the_operators_name, .init = begin, .fini = end, .timeout = 120)
{
    enum { ORDERS = 120 };
    struct halt_request request = make_halt(true);
    char id[UUID_TEXT_MAX];

    request.scope = HALT_SCOPE_TRADER;
    request.has_trader_id = true;
    request.trader_id = world_trader(3);
    for (size_t i = 0; i < ORDERS; i++)
        (void)admit(i % 2 == 0 ? 3 : 4);
    uuid_format(world_trader(3), id);
    world_sql(&world,
              "UPDATE oxe.orders SET execution_state = 'SENT' WHERE id IN (SELECT id FROM oxe.orders WHERE "
              "trader_id = '%s' LIMIT 20)",
              id);
    send_halt(0, &request);
    cr_assert_eq(world_answer(&world)->outcome, ANSWER_ACCEPTED);
    await_value("SELECT count(*) FROM oxe.halts WHERE cancels_open", "0");
    cr_expect_str_eq(
        world_value(&world, "SELECT count(*) FROM oxe.commands WHERE kind = 'CANCEL' AND actor = 'olga'"),
        "60");
    cr_expect_str_eq(world_value(&world, UNASKED), "60", "the other trader's stay");
    cr_expect_str_eq(world_value(&world,
                                 "SELECT count(*) FROM oxe.orders WHERE trader_id = '%s' AND "
                                 "cancel_requested_at IS NULL",
                                 id),
                     "0");
}

/* The risk-manager that has set the halt dies at once: the other one finds the mark. */
Test(halt, another_risk_manager_goes_on_cancelling, .init = begin, .fini = end, .timeout = 120)
{
    enum { ORDERS = 1000 };
    struct halt_request request = make_halt(true);
    int status;

    for (size_t i = 0; i < ORDERS; i++)
        (void)admit(i % WORLD_TRADERS);
    send_halt(0, &request);
    cr_assert_eq(world_answer(&world)->outcome, ANSWER_ACCEPTED);
    cr_assert_eq(kill(world.risk_managers[0], SIGKILL), 0);
    (void)waitpid(world.risk_managers[0], &status, 0);
    world.risk_managers[0] = 0;
    await_value(UNASKED, "0");
    await_value("SELECT count(*) FROM oxe.halts WHERE cancels_open", "0");
    cr_expect_str_eq(
        world_value(&world, "SELECT count(*) || ' ' || count(DISTINCT order_id) FROM oxe.commands"),
        "1000 1000");
}

static size_t count_events(enum audit_action action)
{
    struct event_batch *batch = calloc(1, sizeof(*batch));
    PGresult *rows = PQexec(world.sql, "SELECT batch FROM oxe.outbox WHERE batch IS NOT NULL ORDER BY id");
    struct envelope envelope;
    size_t count = 0;

    for (int row = 0; row < PQntuples(rows); row++) {
        size_t length;
        unsigned char *bytes = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 0), &length);
        cr_assert_eq(event_batch_decode(bytes, length, &envelope, batch), 0);
        for (size_t i = 0; i < batch->events_count; i++) {
            count += batch->events[i].action == action;
            if (batch->events[i].action == action) {
                cr_expect_str_eq(batch->events[i].actor, "olga");
                cr_expect_str_eq(batch->events[i].reason, "ALL");
            }
        }
        PQfreemem(bytes);
    }
    PQclear(rows);
    free(batch);
    return count;
}

/* Every answer tells the truth, whatever becomes of the connections: a halt that was answered stands and is
 * told once, one that was refused does not stand. */
Test(halt, killed_connections_leave_no_halt_half_set, .init = begin, .fini = end, .timeout = 120)
{
    enum { HALTS_WANTED = 150 };
    size_t accepted = 0, kills = 0;

    while (accepted < HALTS_WANTED) {
        struct halt_request request = make_halt(false);
        send_halt(accepted % 2, &request);
        if (accepted % 3 == 0)
            kills +=
                strtoul(world_value(&world, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM "
                                            "pg_stat_activity WHERE usename = 'oxe_risk'"),
                        NULL, 10);
        const struct answer *answer = world_answer(&world);
        if (answer->outcome == ANSWER_ACCEPTED)
            accepted++;
        else
            cr_assert_eq(answer->outcome, ANSWER_UNAVAILABLE);
    }
    cr_expect_gt(kills, 10);
    char wanted[24];
    (void)snprintf(wanted, sizeof(wanted), "%d", HALTS_WANTED);
    cr_expect_str_eq(world_value(&world, "SELECT count(*) FROM oxe.halts"), wanted);
    cr_expect_eq(count_events(AUDIT_ACTION_HALTED), HALTS_WANTED);
}
