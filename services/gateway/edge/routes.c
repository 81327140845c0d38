/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/routes.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/faults.h"
#include "services/gateway/operations/new_order.h"
#include "services/gateway/operations/operations.h"

static const struct route routes[] = {
    {"/api/v1/orders",
     {{"POST", OPERATION_SUBMIT_ORDER, ROUTE_TRADER, submit_run, RATE_NONE},
      {"GET", OPERATION_LIST_ORDERS, ROUTE_TRADER, orders_list, RATE_READS}}},
    {"/api/v1/orders/preview", {{"POST", OPERATION_PREVIEW_ORDER, ROUTE_TRADER, submit_preview, RATE_NONE}}},
    {"/api/v1/orders/{id}", {{"GET", OPERATION_GET_ORDER, ROUTE_TRADER, orders_get, RATE_READS}}},
    {"/api/v1/orders/{id}/cancel",
     {{"POST", OPERATION_CANCEL_ORDER, ROUTE_TRADER, commands_cancel, RATE_CANCELS}}},
    {"/api/v1/orders/{id}/audit",
     {{"GET", OPERATION_GET_ORDER_AUDIT, ROUTE_TRADER | ROUTE_COMPLIANCE, audit_get_order, RATE_READS}}},
    {"/api/v1/orders/{id}/proofs",
     {{"GET", OPERATION_PROVE_ORDER, ROUTE_TRADER | ROUTE_COMPLIANCE, proofs_get_order, RATE_READS}}},
    {"/api/v1/fills", {{"GET", OPERATION_LIST_FILLS, ROUTE_TRADER, fills_list, RATE_READS}}},
    {"/api/v1/halts", {{"GET", OPERATION_LIST_OWN_HALTS, ROUTE_TRADER, halts_list_own, RATE_READS}}},
    {"/api/v1/account", {{"GET", OPERATION_GET_ACCOUNT, ROUTE_TRADER, account_get, RATE_READS}}},
    {"/api/v1/positions",
     {{"GET", OPERATION_LIST_POSITIONS, ROUTE_TRADER, account_list_positions, RATE_READS}}},
    {"/api/v1/instruments",
     {{"GET", OPERATION_LIST_INSTRUMENTS, ROUTE_TRADER, account_list_instruments, RATE_READS}}},
    {"/api/v1/instruments/{symbol}/bars",
     {{"GET", OPERATION_LIST_BARS, ROUTE_TRADER, bars_list, RATE_READS}}},
    {"/api/v1/audit", {{"GET", OPERATION_SEARCH_AUDIT, ROUTE_COMPLIANCE, audit_search, RATE_READS}}},
    {"/api/v1/audit/export", {{"GET", OPERATION_EXPORT_AUDIT, ROUTE_COMPLIANCE, export_run, RATE_READS}}},
    {"/checkpoint", {{"GET", OPERATION_GET_CHECKPOINT, ROUTE_PUBLIC, tiles_get_checkpoint, RATE_NONE}}},
    {"/audit-stamp", {{"GET", OPERATION_GET_AUDIT_STAMP, ROUTE_PUBLIC, tiles_get_stamp, RATE_NONE}}},
    {"/audit-policy", {{"GET", OPERATION_GET_AUDIT_POLICY, ROUTE_PUBLIC, policy_get, RATE_NONE}}},
    {"/tile/entries/{tile}",
     {{"GET", OPERATION_GET_ENTRY_BUNDLE, ROUTE_COMPLIANCE, tiles_get_entries, RATE_READS}}},
    {"/tile/{tile}", {{"GET", OPERATION_GET_TILE, ROUTE_PUBLIC, tiles_get_hashes, RATE_NONE}}},
    {"/api/v1/admin/orders/{id}/resolve",
     {{"POST", OPERATION_RESOLVE_ORDER, ROUTE_OPERATIONS, commands_resolve, RATE_NONE}}},
    {"/api/v1/admin/orders",
     {{"GET", OPERATION_LIST_OPEN_QUESTIONS, ROUTE_OPERATIONS, admin_list_orders, RATE_NONE}}},
    {"/api/v1/admin/lanes", {{"GET", OPERATION_LIST_LANES, ROUTE_OPERATIONS, admin_list_lanes, RATE_NONE}}},
    {"/api/v1/admin/services",
     {{"GET", OPERATION_LIST_SERVICES, ROUTE_OPERATIONS, admin_list_services, RATE_NONE}}},
    {"/api/v1/admin/halts",
     {{"POST", OPERATION_CREATE_HALT, ROUTE_OPERATIONS, halts_create, RATE_NONE},
      {"GET", OPERATION_LIST_HALTS, ROUTE_OPERATIONS, halts_list, RATE_NONE}}},
    {"/api/v1/admin/halts/{id}", {{"DELETE", OPERATION_LIFT_HALT, ROUTE_OPERATIONS, halts_lift, RATE_NONE}}},
    {"/ws/orders/events", {{"GET", OPERATION_SUBSCRIBE, ROUTE_TRADER, stream_run, RATE_READS}}},
#ifdef OXE_WS_ECHO
    {"/ws/echo", {{"GET", OPERATION_NONE, ROUTE_PUBLIC, echo_run, RATE_NONE}}},
#endif
    {"/dev/sign-in",
     {{"GET", OPERATION_LIST_PEOPLE, ROUTE_PUBLIC, sign_in_list_people, RATE_NONE},
      {"POST", OPERATION_SIGN_IN, ROUTE_PUBLIC, sign_in_run, RATE_NONE}},
     .development = true},
    {"/healthz", {{"GET", OPERATION_LIVE, ROUTE_PUBLIC, gateway_live, RATE_NONE}}},
    {"/readyz", {{"GET", OPERATION_READY, ROUTE_PUBLIC, gateway_ready, RATE_NONE}}},
};

const char *const routes_operation_names[OPERATION_COUNT + 1] = {
    [OPERATION_SUBMIT_ORDER] = "submitOrder",
    [OPERATION_LIST_ORDERS] = "listOrders",
    [OPERATION_PREVIEW_ORDER] = "previewOrder",
    [OPERATION_GET_ORDER] = "getOrder",
    [OPERATION_CANCEL_ORDER] = "cancelOrder",
    [OPERATION_GET_ORDER_AUDIT] = "getOrderAudit",
    [OPERATION_PROVE_ORDER] = "proveOrder",
    [OPERATION_LIST_FILLS] = "listFills",
    [OPERATION_LIST_OWN_HALTS] = "listOwnHalts",
    [OPERATION_GET_ACCOUNT] = "getAccount",
    [OPERATION_LIST_POSITIONS] = "listPositions",
    [OPERATION_LIST_INSTRUMENTS] = "listInstruments",
    [OPERATION_LIST_BARS] = "listBars",
    [OPERATION_SEARCH_AUDIT] = "searchAudit",
    [OPERATION_EXPORT_AUDIT] = "exportAudit",
    [OPERATION_GET_CHECKPOINT] = "getCheckpoint",
    [OPERATION_GET_AUDIT_POLICY] = "getAuditPolicy",
    [OPERATION_GET_AUDIT_STAMP] = "getAuditStamp",
    [OPERATION_GET_TILE] = "getTile",
    [OPERATION_GET_ENTRY_BUNDLE] = "getEntryBundle",
    [OPERATION_RESOLVE_ORDER] = "resolveOrder",
    [OPERATION_CREATE_HALT] = "createHalt",
    [OPERATION_LIST_HALTS] = "listHalts",
    [OPERATION_LIFT_HALT] = "liftHalt",
    [OPERATION_LIST_OPEN_QUESTIONS] = "listOpenQuestions",
    [OPERATION_LIST_LANES] = "listLanes",
    [OPERATION_LIST_SERVICES] = "listServices",
    [OPERATION_SUBSCRIBE] = "subscribeOrderEvents",
    [OPERATION_LIVE] = "live",
    [OPERATION_READY] = "ready",
    [OPERATION_LIST_PEOPLE] = "listDevelopmentPeople",
    [OPERATION_SIGN_IN] = "signInForDevelopment",
    [OPERATION_WEB] = "web",
    [OPERATION_NONE] = "none",
    [OPERATION_COUNT] = NULL,
};

/* Whether path has the pattern's form; *ret_segment is then what stands for {id}, {symbol} or {tile}. */
static bool matches(const char *pattern, const char *path, size_t length, const char **ret_segment,
                    size_t *ret_segment_length)
{
    const char *end = path + length;

    *ret_segment = NULL;
    *ret_segment_length = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            bool is_rest = strcmp(pattern, "{tile}") == 0;
            const char *slash = is_rest ? NULL : memchr(path, '/', (size_t)(end - path));
            *ret_segment = path;
            *ret_segment_length = (size_t)((slash == NULL ? end : slash) - path);
            if (*ret_segment_length == 0)
                return false;
            path += *ret_segment_length;
            pattern = strchr(pattern, '}') + 1;
        } else if (path == end || *path++ != *pattern++) {
            return false;
        }
    }
    return path == end;
}

/* The name of a tile behind "/tile/"; a route has bundles of entries, or tiles of hashes. */
static bool takes_tile(const char *pattern, const char *path, const char *end, struct tile *ret_tile)
{
    static const char prefix[] = "/tile/";
    const char *name = path + strlen(prefix);

    return tile_parse(name, (size_t)(end - name), ret_tile) == 0 &&
           ret_tile->entries == (strstr(pattern, "/entries/") != NULL);
}

enum route_match routes_find(const char *path, size_t length, const struct route **ret_route,
                             struct route_subject *ret_subject)
{
    const char *segment;
    size_t segment_length;
    struct uuid id;

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (!matches(routes[i].path, path, length, &segment, &segment_length))
            continue;
        *ret_route = &routes[i];
        if (segment == NULL)
            return ROUTE_FOUND;
        if (strstr(routes[i].path, "{tile}") != NULL) {
            if (takes_tile(routes[i].path, path, path + length, &ret_subject->tile))
                return ROUTE_FOUND;
            continue;
        }
        if (strstr(routes[i].path, "{symbol}") != NULL) {
            if (!new_order_is_symbol(segment, segment_length))
                return ROUTE_BAD_SYMBOL;
            faults_copy_text(ret_subject->symbol, sizeof(ret_subject->symbol), segment, segment_length);
            return ROUTE_FOUND;
        }
        if (uuid_parse(segment, segment_length, &id) < 0)
            return ROUTE_BAD_ID;
        ret_subject->id = id;
        return ROUTE_FOUND;
    }
    return ROUTE_UNKNOWN;
}

const struct operation *routes_operation(const struct route *route, const char *method, size_t length)
{
    if (length == 4 && memcmp(method, "HEAD", 4) == 0) {
        method = "GET";
        length = 3;
    }
    for (size_t i = 0; i < ROUTE_OPERATIONS_MAX && route->operations[i].method != NULL; i++) {
        const struct operation *operation = &route->operations[i];
        if (strlen(operation->method) == length && memcmp(operation->method, method, length) == 0)
            return operation;
    }
    return NULL;
}

void routes_allow(const struct route *route, char *text, size_t max)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < ROUTE_OPERATIONS_MAX && route->operations[i].method != NULL; i++) {
        bool get = strcmp(route->operations[i].method, "GET") == 0;
        int written =
            snprintf(text + length, max - length, "%s%s, ", route->operations[i].method, get ? ", HEAD" : "");
        length += written > 0 ? (size_t)written : 0;
        if (length >= max)
            return;
    }
    (void)snprintf(text + length, max - length, "OPTIONS");
}
