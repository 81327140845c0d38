/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels and resolves over HTTP, with the real gateway, validator, risk-manager and PostgreSQL. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS  "/api/v1/orders"
#define ADMIN   "/api/v1/admin/orders"
#define MARKET  "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"MARKET\"}"
#define NOWHERE "0199f0a5-7d0c-7000-8000-000000000001"
#define RETRY   "{\"action\":\"RETRY\",\"reason\":\"the line is back\"}"

static struct reply post(const char *token, const char *head, const char *id, const char *tail,
                         const char *body)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "%s/%s/%s", head, id, tail);
    return instance_call(&(struct call){.method = "POST", .path = path, .token = token, .body = body});
}

static struct reply cancel(const char *token, const char *id)
{
    return post(token, ORDERS, id, "cancel", NULL);
}

static struct reply resolve(const char *token, const char *id, const char *body)
{
    return post(token, ADMIN, id, "resolve", body);
}

static void expect(const struct reply *reply, long status, const char *code, const char *fact)
{
    cr_expect_eq(reply->status, status, "%s: %ld %s", fact, reply->status, reply->body.data);
    cr_expect_str_eq(json_text(reply->json, "code"), code, "%s: %s", fact, reply->body.data);
    if (status < 400)
        return;
    cr_expect_str_eq(reply_header(reply, "Content-Type"), "application/problem+json", "%s", fact);
    cr_expect_str_eq(json_text(reply->json, "request_id"), reply_header(reply, "X-Request-Id"), "%s", fact);
}

/* An order of the token's trader; its id, the caller's to free. */
static char *submit(const char *token)
{
    AUTO_REPLY made =
        instance_call(&(struct call){.method = "POST", .path = ORDERS, .token = token, .body = MARKET});

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    return strdup(json_text(made.json, "id"));
}

/* Brings an order where an executor would have brought it. */
static void step(struct gateway_world *gateway, const char *id, const char *state, const char *status)
{
    world_sql(&gateway->world,
              "UPDATE oxe.orders SET execution_state = '%s', status = '%s', "
              "reserved = CASE '%s' WHEN 'DONE' THEN 0 ELSE reserved END WHERE id = '%s'",
              state, status, state, id);
}

static char *operations_token(const struct gateway_world *gateway)
{
    return gateway_token_with(gateway->key, "olga", 3600, ",\"oxe_role\":\"operations\"");
}

Test(gateway_command, a_cancel_is_answered_as_the_contract_says, .timeout = 60)
{
    struct gateway_world gateway;

    /* The flag stops new orders, not cancels: trader 0 submits before it is off. */
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    AUTO_TEXT nobody = gateway_token(&gateway, "nobody");
    AUTO_TEXT id = submit(token);
    AUTO_TEXT done = submit(token);
    step(&gateway, done, "DONE", "CANCELLED");

    AUTO_REPLY accepted = cancel(token, id);
    expect(&accepted, 202, "", "a new order");
    cr_expect_str_eq(json_text(accepted.json, "id"), id);
    cr_expect_str_eq(json_text(accepted.json, "status"), "PENDING");
    cr_expect_str_neq(json_text(accepted.json, "cancel_requested_at"), "null");
    cr_expect_eq(strncmp(reply_header(&accepted, "Server-Timing"), "gateway;dur=", 12), 0);
    AUTO_REPLY read = order_get(token, id);
    cr_expect_str_eq(json_text(read.json, "cancel_requested_at"),
                     json_text(accepted.json, "cancel_requested_at"));

    AUTO_REPLY again = post(token, ORDERS, id, "cancel", "{\"any\":\"body\"}");
    expect(&again, 202, "", "asked again, with a body that nobody reads");
    AUTO_REPLY finished = cancel(token, done);
    expect(&finished, 409, "ORDER_NOT_CANCELLABLE", "a done order");
    cr_expect_not_null(strstr(json_text(finished.json, "detail"), "CANCELLED"));
    AUTO_REPLY others = cancel(other, id);
    expect(&others, 404, "NOT_FOUND", "another trader's order");
    AUTO_REPLY missing = cancel(token, NOWHERE);
    expect(&missing, 404, "NOT_FOUND", "no order");
    cr_expect_str_eq(json_text(others.json, "detail"), json_text(missing.json, "detail"),
                     "another trader's order looks as if it were not there");
    AUTO_REPLY bad = cancel(token, "7");
    expect(&bad, 400, "MALFORMED_REQUEST", "no UUID");
    AUTO_REPLY anonymous = cancel(NULL, id);
    expect(&anonymous, 401, "UNAUTHENTICATED", "no token");
    AUTO_REPLY stranger = cancel(nobody, id);
    expect(&stranger, 403, "ACCOUNT_UNKNOWN", "no account");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.commands"), "1");
    gateway_end(&gateway);
}

Test(gateway_command, the_feature_flag_does_not_stop_cancels, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT id = submit(token);
    cr_assert_eq(gateway_stop(&gateway), 0);
    cr_assert_eq(setenv("ORDER_EXECUTION_V2_ENABLED", "false", 1), 0);
    gateway_start(&gateway);
    AUTO_REPLY order =
        instance_call(&(struct call){.method = "POST", .path = ORDERS, .token = token, .body = MARKET});
    expect(&order, 403, "FEATURE_DISABLED", "an order");
    AUTO_REPLY reply = cancel(token, id);
    expect(&reply, 202, "", "a cancel");
    gateway_end(&gateway);
}

Test(gateway_command, a_resolve_is_answered_as_the_contract_says, .timeout = 60)
{
    struct gateway_world gateway;
    static const char fill[] = "{\"action\":\"FILL\",\"quantity\":10,\"price\":\"150.25\","
                               "\"venue_exec_id\":\"E-77\",\"reason\":\"the desk says so\"}";

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT compliance = gateway_token_with(gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    AUTO_TEXT doubt = submit(token);
    AUTO_TEXT fresh = submit(token);
    step(&gateway, doubt, "SENT", "PENDING");
    step(&gateway, doubt, "IN_DOUBT", "PENDING");
    const struct {
        const char *fact, *token, *id, *body;
        long status;
        const char *code;
    } cases[] = {
        {"no token", NULL, doubt, RETRY, 401, "UNAUTHENTICATED"},
        {"the trader", token, doubt, RETRY, 403, "FORBIDDEN"},
        {"compliance", compliance, doubt, RETRY, 403, "FORBIDDEN"},
        {"a trader learns nothing of an id", token, "7", RETRY, 403, "FORBIDDEN"},
        {"no UUID", operations, "7", RETRY, 400, "MALFORMED_REQUEST"},
        {"no JSON", operations, doubt, "{", 400, "MALFORMED_JSON"},
        {"no resolution", operations, doubt, "{\"action\":\"FILL\",\"reason\":\"x\"}", 422,
         "VALIDATION_FAILED"},
        {"no order", operations, NOWHERE, RETRY, 404, "NOT_FOUND"},
        {"not in doubt", operations, fresh, RETRY, 409, "ORDER_NOT_IN_DOUBT"},
        {"in doubt", operations, doubt, fill, 202, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY reply = resolve(cases[i].token, cases[i].id, cases[i].body);
        expect(&reply, cases[i].status, cases[i].code, cases[i].fact);
        if (reply.status == 422) {
            cr_expect_eq(json_count(reply.json, "errors"), 3);
            cr_expect_str_eq(json_text(reply.json, "errors/0/field"), "/quantity");
        }
        if (reply.status == 202)
            cr_expect_str_eq(json_text(reply.json, "execution_state"), "IN_DOUBT");
    }
    char path[160];
    (void)snprintf(path, sizeof(path), ADMIN "/%s/resolve", doubt);
    AUTO_REPLY typed = instance_call(&(struct call){
        .method = "POST", .path = path, .token = operations, .body = RETRY, .type = "text/plain"});
    expect(&typed, 415, "UNSUPPORTED_MEDIA_TYPE", "another type");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT concat_ws('|', kind, action, quantity, price, "
                                                 "venue_exec_id, reason, actor) FROM oxe.commands"),
                     "RESOLVE|FILL|10.00000000|150.25000000|E-77|the desk says so|olga");
    gateway_end(&gateway);
}

Test(gateway_command, without_the_pipeline_it_is_a_503, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT id = submit(token);
    PQfinish(gateway.world.sql);
    postgres_crash(gateway.world.postgres);
    world_await_status(gateway.world.risk_ports[0], "/readyz", 503);
    AUTO_REPLY cancelled = cancel(token, id);
    expect(&cancelled, 503, "UNAVAILABLE", "a cancel without PostgreSQL");
    cr_expect_str_neq(reply_header(&cancelled, "Retry-After"), "");
    AUTO_REPLY resolved = resolve(operations, id, RETRY);
    expect(&resolved, 503, "UNAVAILABLE", "a resolve without PostgreSQL");
    cr_assert_eq(postgres_resume(gateway.world.postgres), 0);
    gateway.world.sql = PQconnectdb(postgres_conninfo(gateway.world.postgres));
    world_await_status(gateway.world.risk_ports[0], "/readyz", 200);
    AUTO_REPLY after = cancel(token, id);
    expect(&after, 202, "", "PostgreSQL is back");
    gateway_end(&gateway);
}

/* What oxectl prints, the caller's to free; standard error with it. */
static char *ctl(const char *token, const char *arguments, int *ret_status)
{
    char line[1024];

    cr_assert_eq(setenv("OXE_TOKEN", token, 1), 0);
    (void)snprintf(line, sizeof(line), "%s %s 2>&1", getenv("OXE_CTL_BINARY"), arguments);
    return instance_run((const char *const[]){"sh", "-c", line, NULL}, ret_status);
}

Test(gateway_command, the_command_line_asks_for_both, .timeout = 60)
{
    struct gateway_world gateway;
    int status = -1;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT operations = operations_token(&gateway);
    AUTO_TEXT id = submit(token);
    step(&gateway, id, "SENT", "PENDING");
    step(&gateway, id, "IN_DOUBT", "PENDING");
    const struct {
        const char *arguments, *token;
        int status;
        const char *says;
    } cases[] = {
        {"cancel", token, 64, "ORDER is missing: its id"},
        {"cancel 7", token, 64, "ORDER is an id, not '7'"},
        {"cancel " NOWHERE, token, 1, "NOT_FOUND"},
        {"cancel %s", token, 0, "cancel   requested 20"},
        {"cancel --json %s", token, 0, "\"cancel_requested_at\":\"20"},
        {"resolve %s RETRY", operations, 64, "--reason"},
        {"resolve --reason why %s", operations, 64, "RETRY|REJECT|CANCEL|FILL is missing"},
        {"resolve --reason why %s RETRY", token, 1, "FORBIDDEN"},
        {"resolve --reason why %s FILL", operations, 1, "/venue_exec_id REQUIRED"},
        {"resolve --reason why --quantity 10 --price 150.25 --exec-id E-77 %s FILL", operations, 0,
         "IN_DOUBT"},
        {"resolve %s REJECT --reason 'they \"never\" had it' --json", operations, 0,
         "\"execution_state\":\"IN_DOUBT\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char arguments[256];
        const char *place = strstr(cases[i].arguments, "%s");
        int head = place == NULL ? (int)strlen(cases[i].arguments) : (int)(place - cases[i].arguments);
        (void)snprintf(arguments, sizeof(arguments), "%.*s%s%s", head, cases[i].arguments,
                       place == NULL ? "" : id, place == NULL ? "" : place + 2);
        AUTO_TEXT output = ctl(cases[i].token, arguments, &status);
        cr_expect_eq(status, cases[i].status, "%s: %d %s", arguments, status, output);
        cr_expect_not_null(strstr(output, cases[i].says), "%s: %s", arguments, output);
    }
    cr_expect_str_eq(world_value(&gateway.world,
                                 "SELECT string_agg(concat_ws(' ', kind, action, reason), ', ' "
                                 "ORDER BY id) FROM oxe.commands"),
                     "CANCEL, RESOLVE FILL why, RESOLVE REJECT they \"never\" had it");
    gateway_end(&gateway);
}
