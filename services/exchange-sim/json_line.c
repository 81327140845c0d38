/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/json_line.h"

#include <string.h>

/* A comma stands before every member but the first of a line. */
static void put_name(struct buffer *out, const char *name)
{
    bool first = out->length == 0 || out->data[out->length - 1] == '\n';
    buffer_append_text(out, first ? "{\"" : ",\"");
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
}

void json_line_text(struct buffer *out, const char *name, const char *text)
{
    put_name(out, name);
    buffer_append_json_text(out, text, strlen(text));
}

void json_line_numbered(struct buffer *out, const char *name, char letter, uint64_t number)
{
    put_name(out, name);
    buffer_append_char(out, '"');
    buffer_append_char(out, letter);
    buffer_append_i64(out, (int64_t)number);
    buffer_append_char(out, '"');
}

void json_line_i64(struct buffer *out, const char *name, int64_t value)
{
    put_name(out, name);
    buffer_append_i64(out, value);
}

void json_line_bool(struct buffer *out, const char *name, bool value)
{
    put_name(out, name);
    buffer_append_text(out, value ? "true" : "false");
}

void json_line_decimal(struct buffer *out, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    put_name(out, name);
    buffer_append(out, text, decimal_format(value, text));
}

void json_line_time(struct buffer *out, const char *name, struct instant time)
{
    char text[INSTANT_TEXT_MAX];
    (void)instant_format(time, text);
    json_line_text(out, name, text);
}

void json_line_end(struct buffer *out)
{
    buffer_append_text(out, "}\n");
}

void json_line_error(struct buffer *out, const char *text)
{
    json_line_text(out, "error", text);
    json_line_end(out);
}
