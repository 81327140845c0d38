/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/rows.h"

#include <string.h>

#include "common/db.h"
#include "proto/json.h"

/* PostgreSQL's own numbers of its types, which never change (pg_type.dat). */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_NUMERIC = 1700 };

static bool names_instant(const char *name)
{
    size_t length = strlen(name);

    return (length > 3 && strcmp(name + length - 3, "_at") == 0) || strcmp(name, "timestamp") == 0;
}

static void append_value(struct buffer *out, const PGresult *result, int row, int column)
{
    Oid type = PQftype(result, column);

    if (db_is_null(result, row, column))
        buffer_append_text(out, "null");
    else if (type == TYPE_INT8 && names_instant(PQfname(result, column)))
        json_append_instant(out, db_get_instant(result, row, column));
    else if (type == TYPE_NUMERIC || type == TYPE_INT8 || type == TYPE_INT4 || type == TYPE_INT2)
        json_append_numeric(out, PQgetvalue(result, row, column));
    else if (type == TYPE_BOOL)
        buffer_append_text(out, db_get_bool(result, row, column) ? "true" : "false");
    else
        json_append_text(out, db_get_text(result, row, column));
}

void rows_append_members(struct buffer *out, const PGresult *result, int row, int first, int end)
{
    for (int i = first; i < end; i++) {
        buffer_append_text(out, i > first ? ",\"" : "\"");
        buffer_append_text(out, PQfname(result, i));
        buffer_append_text(out, "\":");
        append_value(out, result, row, i);
    }
}

void rows_render(struct buffer *out, const PGresult *result, int rows)
{
    for (int row = 0; row < rows; row++) {
        buffer_append_text(out, row > 0 ? "},{" : "[{");
        rows_append_members(out, result, row, 0, PQnfields(result));
    }
    buffer_append_text(out, rows > 0 ? "}]" : "[]");
}

void rows_answer(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);

    buffer_append_format(body, "{\"%s\":", request->operation->rows_member);
    rows_render(body, results[0], PQntuples(results[0]));
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}
