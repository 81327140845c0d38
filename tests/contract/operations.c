/* SPDX-License-Identifier: Apache-2.0 */
/* See operations.h. */
#include "tests/contract/operations.h"

#include <stdio.h>

#define ORDER      "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"
#define HALT       "{\"scope\":\"SYMBOL\",\"symbol\":\"NVDA\",\"reason\":\"contract\"}"
#define RESOLUTION "{\"action\":\"REJECT\",\"reason\":\"the exchange never had it\"}"

const struct operation operations[] = {
    {"submitOrder", "POST", "/api/v1/orders", NULL, ORDER, TRADER},
    {"listOrders", "GET", "/api/v1/orders", NULL, NULL, TRADER},
    {"previewOrder", "POST", "/api/v1/orders/preview", NULL, ORDER, TRADER},
    {"getOrder", "GET", "/api/v1/orders/", "", NULL, TRADER},
    {"cancelOrder", "POST", "/api/v1/orders/", "/cancel", NULL, TRADER},
    {"getOrderAudit", "GET", "/api/v1/orders/", "/audit", NULL, TRADER},
    {"proveOrder", "GET", "/api/v1/orders/", "/proofs", NULL, TRADER},
    {"listFills", "GET", "/api/v1/fills", NULL, NULL, TRADER},
    {"listOwnHalts", "GET", "/api/v1/halts", NULL, NULL, TRADER},
    {"getAccount", "GET", "/api/v1/account", NULL, NULL, TRADER},
    {"listPositions", "GET", "/api/v1/positions", NULL, NULL, TRADER},
    {"listInstruments", "GET", "/api/v1/instruments", NULL, NULL, TRADER},
    {"listBars", "GET", "/api/v1/instruments/AAPL/bars?interval=1m", NULL, NULL, TRADER},
    {"searchAudit", "GET", "/api/v1/audit", NULL, NULL, COMPLIANCE},
    {"exportAudit", "GET", "/api/v1/audit/export", NULL, NULL, COMPLIANCE},
    {"getCheckpoint", "GET", "/checkpoint", NULL, NULL, ANYONE},
    {"getAuditPolicy", "GET", "/audit-policy", NULL, NULL, ANYONE},
    {"getAuditStamp", "GET", "/audit-stamp", NULL, NULL, ANYONE},
    {"getTile", "GET", "/tile/0/000.p/1", NULL, NULL, ANYONE},
    {"getEntryBundle", "GET", "/tile/entries/000.p/1", NULL, NULL, COMPLIANCE},
    {"listHalts", "GET", "/api/v1/admin/halts", NULL, NULL, OPERATIONS},
    {"createHalt", "POST", "/api/v1/admin/halts", NULL, HALT, OPERATIONS},
    {"liftHalt", "DELETE", "/api/v1/admin/halts/", "", NULL, OPERATIONS},
    {"resolveOrder", "POST", "/api/v1/admin/orders/", "/resolve", RESOLUTION, OPERATIONS},
    {"listOpenQuestions", "GET", "/api/v1/admin/orders", NULL, NULL, OPERATIONS},
    {"listLanes", "GET", "/api/v1/admin/lanes", NULL, NULL, OPERATIONS},
    {"listServices", "GET", "/api/v1/admin/services", NULL, NULL, OPERATIONS},
    {"subscribeOrderEvents", "GET", "/ws/orders/events", NULL, NULL, TRADER},
    {"listDevelopmentPeople", "GET", "/dev/sign-in", NULL, NULL, ANYONE},
    {"signInForDevelopment", "POST", "/dev/sign-in", NULL, "{\"subject\":\"alice\"}", ANYONE},
    {"live", "GET", "/healthz", NULL, NULL, ANYONE},
    {"ready", "GET", "/readyz", NULL, NULL, ANYONE},
};

const size_t operations_count = ARRAY_LEN(operations);

struct call operation_call(const struct operation *operation, const char *id,
                           char path[static OPERATION_PATH_MAX])
{
    (void)snprintf(path, OPERATION_PATH_MAX, "%s%s%s", operation->path,
                   operation->after_id == NULL ? ""
                   : id == NULL                ? NO_SUCH_ID
                                               : id,
                   operation->after_id == NULL ? "" : operation->after_id);
    return (struct call){.method = operation->method, .path = path, .body = operation->body};
}
