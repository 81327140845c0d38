/* SPDX-License-Identifier: Apache-2.0 */
/* One page of a list: the query's filters, where the page begins, how long it is, and the cursor of the next.
 *
 * A statement is asked for one row more than the page has, which tells whether there is a further page. */
#ifndef OXE_GATEWAY_LIST_H
#define OXE_GATEWAY_LIST_H

#include "services/gateway/edge/http_params.h"
#include "services/gateway/edge/request.h"
#include "services/gateway/operations/cursor.h"

#include <libpq-fe.h>

/* What came in the query of a list, and what its SQL takes. */
struct list_query {
    bool has_status, has_state, has_action, has_symbol, has_trader_id, has_order_id, has_from, has_to,
        has_interval, has_format, has_limit, has_cursor;
    enum order_status status;
    enum execution_state state;
    enum audit_action action;
    char symbol[SYMBOL_MAX];
    struct uuid trader_id;
    struct uuid order_id; /* of fills and entries; of legs, their parent */
    struct instant from;
    struct instant to;
    char interval[HTTP_PARAM_TEXT_MAX]; /* of bars */
    char format[HTTP_PARAM_TEXT_MAX];   /* of an export */
    int64_t limit;
    char cursor[HTTP_PARAM_TEXT_MAX];

    /* Where the page begins, has_cursor: behind the row of this id or number. */
    struct uuid after_id;
    int64_t after_number;
};

struct list {
    const char *name; /* a cursor belongs to it, to the subject in the path and to the filters */
    bool by_number;   /* rows are ordered by a number, not an id */
    bool is_of_order; /* of the one in the path, without filters */
    int64_t limit;    /* unless the query says another */
    const struct http_param *params;
    size_t param_count;
    /* Adds what else is wrong with the query; NULL: nothing can be. */
    void (*judge)(const struct list_query *query, struct faults *faults);
};

#define LIST_PARAM(name, kind, member, low, high)                                                            \
    {                                                                                                        \
        name, kind, offsetof(struct list_query, member), offsetof(struct list_query, has_##member), low,     \
            high                                                                                             \
    }
#define LIST_PERIOD                                                                                          \
    LIST_PARAM("from", HTTP_PARAM_INSTANT, from, 0, 0), LIST_PARAM("to", HTTP_PARAM_INSTANT, to, 0, 0)
#define LIST_LIMIT(max) LIST_PARAM("limit", HTTP_PARAM_INTEGER, limit, 1, max)
#define LIST_CURSOR     LIST_PARAM("cursor", HTTP_PARAM_TEXT, cursor, 0, 0)

/* Reads the query. False: it is wrong, and the request has been answered. */
bool list_read(struct request *request, const struct list *list, struct list_query *ret_query);

/* How many of the rows that came are the page's. */
int list_rows(const struct list_query *query, const PGresult *rows);
/* The cursor of the next page; "": this is the last. `key` is the column of the rows' ids or numbers.
 * stopped: NULL, or the last row that a page looked at which looked at as many as it may. */
void list_next(const struct request *request, const struct list *list, const struct list_query *query,
               const PGresult *rows, int key, const PGresult *stopped,
               char ret_cursor[static CURSOR_TEXT_MAX]);
/* Ends the body, after the page, with the next cursor, and answers. */
void list_answer(struct request *request, struct buffer *body, const char *next_cursor);

#endif
