/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and methods, found in a table of operations that is passed in. Pure. */
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

struct operation {
    const char *name; /* as the contract has it; a label of metrics */
    const char *method;
    const char *path;    /* see operations.def */
    unsigned int access; /* of enum route_access, joined by | */
    void (*run)(struct request *request);
    enum rate_kind rate;     /* counted before it runs; orders and previews are when they are read */
    const char *rows_member; /* that its answer has, where this is one list of rows */
    bool has_key;            /* its answers name the Idempotency-Key in force */
    bool development;        /* to a gateway without development keys it is unknown */
    bool (*read_token)(struct request *request); /* where a token may stand, too; NULL: nowhere */
};

/* Operations of one path stand together; what stands for all of them is the first, their route. */
struct routes {
    const struct operation *operations;
    size_t count;
};

enum route_match { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_BAD_ID, ROUTE_BAD_SYMBOL };

/* What stands in the path for {id}, {symbol} or {tile}. */
struct route_subject {
    struct uuid id;
    char symbol[SYMBOL_MAX];
    struct tile tile;
};

/* Finds the route of a normalized path. ret_subject is set where the route has such a part. */
enum route_match routes_find(const struct routes *routes, const char *path, size_t length,
                             const struct operation **ret_route, struct route_subject *ret_subject);

/* NULL: the route has no such method. HEAD is GET. */
const struct operation *routes_operation(const struct routes *routes, const struct operation *route,
                                         const char *method, size_t length);

/* "GET, HEAD, OPTIONS" into text[max]. */
void routes_allow(const struct routes *routes, const struct operation *route, char *text, size_t max);

/* A metric's label: the operation's place in the table; behind it one that is not of the table (a file of the
 * screen), then none (NULL). */
size_t routes_label(const struct routes *routes, const struct operation *operation);

#endif
