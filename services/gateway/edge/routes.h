/* SPDX-License-Identifier: Apache-2.0 */
/* The public paths and their methods: a const table. */
#ifndef OXE_GATEWAY_ROUTES_H
#define OXE_GATEWAY_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/jwt.h"
#include "common/uuid.h"
#include "proto/order.h"
#include "proto/tile.h"
#include "services/gateway/io/rate_window.h"

struct request;

/* Who may: a set of roles. What is in no operation's set is for nobody. */
enum route_access {
    ROUTE_TRADER = 1 << JWT_ROLE_TRADER, /* whose subject is a trader here */
    ROUTE_COMPLIANCE = 1 << JWT_ROLE_COMPLIANCE,
    ROUTE_OPERATIONS = 1 << JWT_ROLE_OPERATIONS,
    ROUTE_PUBLIC = 1 << JWT_ROLE_COUNT, /* without a token */
};

/* Labels of metrics; `operations` in routes.c names them as the contract does. */
enum operation_id {
    OPERATION_SUBMIT_ORDER,
    OPERATION_LIST_ORDERS,
    OPERATION_PREVIEW_ORDER,
    OPERATION_GET_ORDER,
    OPERATION_CANCEL_ORDER,
    OPERATION_GET_ORDER_AUDIT,
    OPERATION_PROVE_ORDER,
    OPERATION_LIST_FILLS,
    OPERATION_LIST_OWN_HALTS,
    OPERATION_GET_ACCOUNT,
    OPERATION_LIST_POSITIONS,
    OPERATION_LIST_INSTRUMENTS,
    OPERATION_LIST_BARS,
    OPERATION_SEARCH_AUDIT,
    OPERATION_EXPORT_AUDIT,
    OPERATION_GET_CHECKPOINT,
    OPERATION_GET_AUDIT_POLICY,
    OPERATION_GET_AUDIT_STAMP,
    OPERATION_GET_TILE,
    OPERATION_GET_ENTRY_BUNDLE,
    OPERATION_RESOLVE_ORDER,
    OPERATION_CREATE_HALT,
    OPERATION_LIST_HALTS,
    OPERATION_LIFT_HALT,
    OPERATION_LIST_OPEN_QUESTIONS,
    OPERATION_LIST_LANES,
    OPERATION_LIST_SERVICES,
    OPERATION_SUBSCRIBE,
    OPERATION_LIVE,
    OPERATION_READY,
    OPERATION_LIST_PEOPLE,
    OPERATION_SIGN_IN,
    OPERATION_WEB,  /* a file of the screen */
    OPERATION_NONE, /* no route, or no such method */
    OPERATION_COUNT,
};

struct operation {
    const char *method; /* NULL closes a route's list */
    enum operation_id id;
    unsigned int access; /* of enum route_access, joined by | */
    void (*run)(struct request *request);
    enum rate_kind rate; /* counted before it runs; orders and previews are when they are read */
};

enum { ROUTE_OPERATIONS_MAX = 3 };

struct route {
    const char *path; /* {id} stands for one UUID, {symbol} for a symbol, {tile} for
                         all the rest, the name of a tile */
    struct operation operations[ROUTE_OPERATIONS_MAX];
    bool development; /* to a gateway without development keys it is unknown */
};

enum route_match { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_BAD_ID, ROUTE_BAD_SYMBOL };

/* What stands in the path for {id}, {symbol} or {tile}. */
struct route_subject {
    struct uuid id;
    char symbol[SYMBOL_MAX];
    struct tile tile;
};

/* Finds the route of a normalized path. ret_subject is set where the route has such a part. */
enum route_match routes_find(const char *path, size_t length, const struct route **ret_route,
                             struct route_subject *ret_subject);

/* NULL: the route has no such method. HEAD is GET. */
const struct operation *routes_operation(const struct route *route, const char *method, size_t length);

/* "GET, HEAD, OPTIONS" into text[max]. */
void routes_allow(const struct route *route, char *text, size_t max);

/* "submitOrder"; closed by NULL for a metric's labels. */
extern const char *const routes_operation_names[OPERATION_COUNT + 1];

#endif
