/* SPDX-License-Identifier: Apache-2.0 */
/* Every route with every role: what a token opens is what this table says, and nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define NO_SUCH_ID "0199f0a5-7d0c-7000-8000-000000000001"
#define ORDER      "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"
#define HALT       "{\"scope\":\"SYMBOL\",\"symbol\":\"AAPL\",\"reason\":\"roles\"}"
#define RESOLUTION "{\"action\":\"REJECT\",\"reason\":\"roles\"}"

/* Columns of the table: what the claim oxe_role says. Every token's subject is a trader. */
enum role { NO_TOKEN, ABSENT, TRADER, COMPLIANCE, OPERATIONS, UNKNOWN, EMPTY, SEVERAL, ROLES };

static const char *const role_claims[ROLES] = {
    [NO_TOKEN] = NULL,
    [ABSENT] = "",
    [TRADER] = ",\"oxe_role\":\"trader\"",
    [COMPLIANCE] = ",\"oxe_role\":\"compliance\"",
    [OPERATIONS] = ",\"oxe_role\":\"operations\"",
    [UNKNOWN] = ",\"oxe_role\":\"admin\"",
    [EMPTY] = ",\"oxe_role\":\"\"",
    [SEVERAL] = ",\"oxe_role\":[\"trader\",\"compliance\",\"operations\"]",
};

/* A token has one role, or none, which is trader's; anything else is no token for us. */
#define OPENS(absent, trader, compliance, operations)                                                        \
    {                                                                                                        \
        401, absent, trader, compliance, operations, 401, 401, 401                                           \
    }
#define TRADERS(status)     OPENS(status, status, 403, 403)
#define COMPLIANCES(status) OPENS(403, 403, status, 403)
#define OPERATORS(status)   OPENS(403, 403, 403, status)
#define ANYBODY(status)                                                                                      \
    {                                                                                                        \
        status, status, status, status, status, status, status, status                                       \
    }

static const struct {
    const char *operation, *method, *path, *body;
    long status[ROLES];
} routes[] = {
    {"submitOrder", "POST", "/api/v1/orders", ORDER, TRADERS(201)},
    {"listOrders", "GET", "/api/v1/orders", NULL, TRADERS(200)},
    {"previewOrder", "POST", "/api/v1/orders/preview", ORDER, TRADERS(200)},
    {"getOrder", "GET", "/api/v1/orders/" NO_SUCH_ID, NULL, TRADERS(404)},
    {"cancelOrder", "POST", "/api/v1/orders/" NO_SUCH_ID "/cancel", NULL, TRADERS(404)},
    {"getOrderAudit", "GET", "/api/v1/orders/" NO_SUCH_ID "/audit", NULL, OPENS(404, 404, 404, 403)},
    {"proveOrder", "GET", "/api/v1/orders/" NO_SUCH_ID "/proofs", NULL, OPENS(404, 404, 404, 403)},
    {"listFills", "GET", "/api/v1/fills", NULL, TRADERS(200)},
    {"listOwnHalts", "GET", "/api/v1/halts", NULL, TRADERS(200)},
    {"getAccount", "GET", "/api/v1/account", NULL, TRADERS(200)},
    {"listPositions", "GET", "/api/v1/positions", NULL, TRADERS(200)},
    {"listInstruments", "GET", "/api/v1/instruments", NULL, TRADERS(200)},
    {"listBars", "GET", "/api/v1/instruments/AAPL/bars?interval=1m", NULL, TRADERS(200)},
    {"searchAudit", "GET", "/api/v1/audit", NULL, COMPLIANCES(200)},
    {"exportAudit", "GET", "/api/v1/audit/export", NULL, COMPLIANCES(200)},
    {"getCheckpoint", "GET", "/checkpoint", NULL, ANYBODY(503)},
    {"getAuditPolicy", "GET", "/audit-policy", NULL, ANYBODY(404)},
    {"getAuditStamp", "GET", "/audit-stamp", NULL, ANYBODY(404)},
    {"getTile", "GET", "/tile/0/000.p/1", NULL, ANYBODY(404)},
    {"getEntryBundle", "GET", "/tile/entries/000.p/1", NULL, COMPLIANCES(404)},
    {"listOpenQuestions", "GET", "/api/v1/admin/orders", NULL, OPERATORS(200)},
    {"listLanes", "GET", "/api/v1/admin/lanes", NULL, OPERATORS(200)},
    {"listServices", "GET", "/api/v1/admin/services", NULL, OPERATORS(200)},
    {"listHalts", "GET", "/api/v1/admin/halts", NULL, OPERATORS(200)},
    {"createHalt", "POST", "/api/v1/admin/halts", HALT, OPERATORS(201)},
    {"liftHalt", "DELETE", "/api/v1/admin/halts/" NO_SUCH_ID, NULL, OPERATORS(404)},
    {"resolveOrder", "POST", "/api/v1/admin/orders/" NO_SUCH_ID "/resolve", RESOLUTION, OPERATORS(404)},
    /* Without an upgrade the one who may open it is told so. */
    {"subscribeOrderEvents", "GET", "/ws/orders/events", NULL, TRADERS(400)},
    {"live", "GET", "/healthz", NULL, ANYBODY(200)},
    {"ready", "GET", "/readyz", NULL, ANYBODY(200)},
    /* Not there, but where they are asked for. */
    {"listDevelopmentPeople", "GET", "/dev/sign-in", NULL, ANYBODY(404)},
    {"signInForDevelopment", "POST", "/dev/sign-in", "{\"subject\":\"alice\"}", ANYBODY(404)},
    {"web", "GET", "/", NULL, ANYBODY(404)},
};

static const char *code_of(long status)
{
    return status == 401 ? "UNAUTHENTICATED" : "FORBIDDEN";
}

/* The gateway has a series for each operation that it knows: the table above leaves none out. */
static void expect_every_operation(const struct gateway_world *gateway)
{
    char url[64];
    static const char name[] = "oxe_http_request_seconds_count{service=\"gateway\",operation=\"";
    size_t seen = 0;

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", gateway->probe_port);
    AUTO_REPLY metrics = instance_call(&(struct call){.url = url, .path = "/metrics"});
    for (const char *at = metrics.body.data; (at = strstr(at, name)) != NULL; seen++) {
        bool found = false;
        at += sizeof(name) - 1;
        size_t length = strcspn(at, "\"");
        for (size_t i = 0; i < ARRAY_LEN(routes); i++)
            found |= strlen(routes[i].operation) == length && memcmp(routes[i].operation, at, length) == 0;
        found |= strncmp(at, "none\"", 5) == 0;
        cr_expect(found, "nobody has said who may do %.*s", (int)length, at);
    }
    cr_expect_eq(seen, ARRAY_LEN(routes) + 1, "%zu operations", seen);
}

Test(gateway_roles, each_route_opens_to_its_roles_and_to_no_other, .timeout = 120)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    expect_every_operation(&gateway);
    for (int role = 0; role < ROLES; role++) {
        AUTO_TEXT token = role_claims[role] == NULL
                              ? NULL
                              : gateway_token_with(gateway.key, "trader-0", 3600, role_claims[role]);
        for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
            long wanted = routes[i].status[role];
            AUTO_REPLY reply = instance_call(&(struct call){
                .method = routes[i].method, .path = routes[i].path, .token = token, .body = routes[i].body});
            cr_expect_eq(reply.status, wanted, "%s with %s: %ld, not %ld: %s", routes[i].operation,
                         token == NULL ? "no token" : role_claims[role], reply.status, wanted,
                         reply.body.data);
            if (wanted == 401 || wanted == 403)
                cr_expect_str_eq(json_text(reply.json, "code"), code_of(wanted), "%s", reply.body.data);
        }
    }
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "2",
                     "an order of each token that is a trader's");
    gateway_end(&gateway);
}

Test(gateway_roles, the_websocket_opens_to_traders_and_stays_a_traders, .timeout = 60)
{
    static const int wanted[ROLES] = OPENS(101, 101, 403, 403);
    struct gateway_world gateway;
    char url[64];

    gateway_begin(&gateway);
    (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/orders/events", gateway.port);
    for (int role = 1; role < ROLES; role++) {
        char bearer[2048], renewal[2048];
        const char *headers[] = {bearer, NULL};
        CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
        int status = 0;
        AUTO_TEXT token = gateway_token_with(gateway.key, "trader-0", 3600, role_claims[role]);
        AUTO_TEXT traders = gateway_token(&gateway, "trader-0");
        (void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", token);
        (void)ws_client_open(url, headers, 5000, &client, &status);
        cr_expect_eq(status, wanted[role], "%s: %d", role_claims[role], status);
        /* The same subject's token of another role does not renew a session either. */
        CLEANUP(ws_client_destroy) struct ws_client *session = gateway_watch(&gateway, traders, "");
        (void)snprintf(renewal, sizeof(renewal), "{\"action\":\"authenticate\",\"token\":\"%s\"}", token);
        cr_assert_eq(ws_client_send(session, renewal, strlen(renewal), 5000), 0);
        int code = gateway_close_code(session, wanted[role] == 101 ? 200 : 5000);
        cr_expect_eq(code,
                     wanted[role] == 101   ? 0
                     : wanted[role] == 403 ? 4403
                                           : 4401,
                     "%s: %d", role_claims[role], code);
    }
    gateway_end(&gateway);
}
