/* See operations.h. */
#include "tests/contract/operations.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/answers.h"

#define ORDER      "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"
#define HALT       "{\"scope\":\"SYMBOL\",\"symbol\":\"NVDA\",\"reason\":\"contract\"}"
#define RESOLUTION "{\"action\":\"REJECT\",\"reason\":\"the exchange never had it\"}"

const struct operation operations[] = {
    {"submitOrder", "POST", "/api/v1/orders", NULL, ORDER, TRADER, false},
    {"listOrders", "GET", "/api/v1/orders", NULL, NULL, TRADER, false},
    {"previewOrder", "POST", "/api/v1/orders/preview", NULL, ORDER, TRADER, false},
    {"getOrder", "GET", "/api/v1/orders/", "", NULL, TRADER, false},
    {"cancelOrder", "POST", "/api/v1/orders/", "/cancel", NULL, TRADER, false},
    {"getOrderAudit", "GET", "/api/v1/orders/", "/audit", NULL, TRADER, false},
    {"getAccount", "GET", "/api/v1/account", NULL, NULL, TRADER, false},
    {"listPositions", "GET", "/api/v1/positions", NULL, NULL, TRADER, false},
    {"listInstruments", "GET", "/api/v1/instruments", NULL, NULL, TRADER, false},
    {"searchAudit", "GET", "/api/v1/audit", NULL, NULL, COMPLIANCE, true},
    {"exportAudit", "GET", "/api/v1/audit/export", NULL, NULL, COMPLIANCE, true},
    {"listHalts", "GET", "/api/v1/admin/halts", NULL, NULL, OPERATIONS, false},
    {"createHalt", "POST", "/api/v1/admin/halts", NULL, HALT, OPERATIONS, false},
    {"liftHalt", "DELETE", "/api/v1/admin/halts/", "", NULL, OPERATIONS, false},
    {"resolveOrder", "POST", "/api/v1/admin/orders/", "/resolve", RESOLUTION, OPERATIONS, false},
    {"subscribeOrderEvents", "GET", "/ws/orders/events", NULL, NULL, TRADER, false},
    {"live", "GET", "/healthz", NULL, NULL, ANYONE, false},
    {"ready", "GET", "/readyz", NULL, NULL, ANYONE, false},
};

const size_t operations_count = ARRAY_LEN(operations);

bool operation_is_served(const struct operation *operation, const char *compliance_token)
{
    if (!operation->to_come)
        return true;
    AUTO_REPLY reply = instance_call(&(struct call){.path = operation->path, .token = compliance_token});
    bool served = reply.status != 404;
    if (!served)
        answers_add_absent(operation->id);
    return served;
}

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
