/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/rows.h"

#include "proto/json.h"

static void render_value(struct buffer *out, const PGresult *result, int row, int column, int kind)
{
    if (db_is_null(result, row, column))
        buffer_append_text(out, "null");
    else if (kind == COLUMN_NUMBER)
        query_append_number(out, result, row, column);
    else if (kind == COLUMN_TEXT)
        json_append_text(out, db_get_text(result, row, column));
    else if (kind == COLUMN_INSTANT)
        json_append_instant(out, db_get_instant(result, row, column));
    else
        buffer_append_text(out, db_get_bool(result, row, column) ? "true" : "false");
}

void rows_render_row(struct buffer *out, const PGresult *result, int row, const struct column *columns,
                     int count)
{
    for (int i = 0; i < count; i++) {
        buffer_append_text(out, columns[i].member);
        render_value(out, result, row, i, columns[i].kind);
    }
}

void rows_render(struct buffer *out, const PGresult *result, int rows, const struct column *columns,
                 int count)
{
    buffer_append_char(out, '[');
    for (int row = 0; row < rows; row++) {
        if (row > 0)
            buffer_append_char(out, ',');
        rows_render_row(out, result, row, columns, count);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
}

void rows_answer(struct request *request, const PGresult *result, const char *member,
                 const struct column *columns, int count)
{
    struct buffer *body = &request->gateway->body;

    buffer_clear(body);
    buffer_append_format(body, "{\"%s\":", member);
    rows_render(body, result, PQntuples(result), columns, count);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}
