/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "proto/json.h"

enum { SCOPE_MAX = 512 };

static void append(char scope[static SCOPE_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char scope[static SCOPE_MAX], const char *format, ...)
{
    size_t length = strlen(scope);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(scope + length, SCOPE_MAX - length, format, arguments);
    va_end(arguments);
}

static void append_filter(char scope[static SCOPE_MAX], const struct http_param *param, const char *query)
{
    const void *value = query + param->offset;
    char id[UUID_TEXT_MAX];

    append(scope, ";%s=", param->name);
    switch (param->kind) {
    case HTTP_PARAM_TEXT:
    case HTTP_PARAM_SYMBOL:
        append(scope, "%s", (const char *)value);
        break;
    case HTTP_PARAM_ORDER_STATUS:
    case HTTP_PARAM_EXECUTION_STATE:
    case HTTP_PARAM_AUDIT_ACTION:
        append(scope, "%d", *(const int *)value);
        break;
    case HTTP_PARAM_UUID:
        uuid_format(*(const struct uuid *)value, id);
        append(scope, "%s", id);
        break;
    case HTTP_PARAM_INSTANT:
        append(scope, "%lld", (long long)((const struct instant *)value)->us);
        break;
    case HTTP_PARAM_INTEGER:
    case HTTP_PARAM_IGNORED:
        break;
    }
}

/* Differs whenever the list or its filters differ: a cursor belongs to them. How long a page is makes no
 * difference. */
static void write_scope(const struct request *request, const struct list *list,
                        const struct list_query *query, char scope[static SCOPE_MAX])
{
    char id[UUID_TEXT_MAX];

    uuid_format(request->subject.id, id);
    scope[0] = '\0';
    append(scope, "%s;%s;%s", list->name, request->subject.symbol, id);
    for (size_t i = 0; i < list->param_count; i++) {
        const struct http_param *param = &list->params[i];
        bool filters =
            param->kind != HTTP_PARAM_INTEGER && param->offset != offsetof(struct list_query, cursor);
        if (filters && *((const bool *)query + param->has_offset))
            append_filter(scope, param, (const char *)query);
    }
}

static int parse_cursor(const struct request *request, const struct list *list, struct list_query *query)
{
    char scope[SCOPE_MAX];
    size_t length = strlen(query->cursor);

    write_scope(request, list, query, scope);
    return list->by_number ? cursor_parse_number(query->cursor, length, scope, &query->after_number)
                           : cursor_parse(query->cursor, length, scope, &query->after_id);
}

bool list_read(struct request *request, const struct list *list, struct list_query *ret_query)
{
    struct faults faults;

    *ret_query = (struct list_query){.limit = list->limit};
    request_read_params(request, list->params, list->param_count, ret_query, &faults);
    if (list->judge != NULL)
        list->judge(ret_query, &faults);
    if (faults.count == 0 && ret_query->has_cursor && parse_cursor(request, list, ret_query) < 0)
        faults_add(&faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
                   "The parameter 'cursor' is none of this %s.",
                   list->is_of_order ? "order's; pass on next_cursor"
                                     : "list's; pass on next_cursor with the same filters");
    if (faults.count > 0)
        request_refuse_params(request, &faults);
    return faults.count == 0;
}

int list_rows(const struct list_query *query, const PGresult *rows)
{
    int count = PQntuples(rows);

    return count > query->limit ? (int)query->limit : count;
}

void list_next(const struct request *request, const struct list *list, const struct list_query *query,
               const PGresult *rows, int key, const PGresult *stopped,
               char ret_cursor[static CURSOR_TEXT_MAX])
{
    char scope[SCOPE_MAX];
    int last = list_rows(query, rows) - 1;

    ret_cursor[0] = '\0';
    /* Or the page has looked at as many as it may, and goes on from there. */
    if (PQntuples(rows) <= query->limit) {
        if (stopped == NULL || PQntuples(stopped) == 0)
            return;
        rows = stopped;
        last = key = 0;
    }
    write_scope(request, list, query, scope);
    if (list->by_number)
        cursor_format_number(db_get_i64(rows, last, key), scope, ret_cursor);
    else
        cursor_format(db_get_uuid(rows, last, key), scope, ret_cursor);
}

void list_answer(struct request *request, struct buffer *body, const char *next_cursor)
{
    buffer_append_text(body, ",\"next_cursor\":");
    json_append_optional_text(body, next_cursor);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}
