/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include <string.h>

static void append_null(struct buffer *out)
{
    buffer_append(out, "null", 4);
}

void json_append_decimal(struct buffer *out, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    buffer_append(out, text, decimal_format(value, text));
}

void json_append_numeric(struct buffer *out, const char *text)
{
    if (text == NULL) {
        append_null(out);
        return;
    }
    size_t length = strlen(text);
    if (strchr(text, '.') != NULL) {
        while (text[length - 1] == '0')
            length--;
        if (text[length - 1] == '.')
            length--;
    }
    buffer_append(out, text, length);
}

void json_append_optional_decimal(struct buffer *out, bool has, struct decimal value)
{
    if (has)
        json_append_decimal(out, value);
    else
        append_null(out);
}

void json_append_instant(struct buffer *out, struct instant value)
{
    char text[INSTANT_TEXT_MAX + 2];
    size_t length = instant_format(value, text + 1);

    text[0] = '"';
    text[length + 1] = '"';
    buffer_append(out, text, length + 2);
}

void json_append_optional_instant(struct buffer *out, bool has, struct instant value)
{
    if (has)
        json_append_instant(out, value);
    else
        append_null(out);
}

void json_append_uuid(struct buffer *out, struct uuid id)
{
    char text[UUID_TEXT_MAX + 1];

    uuid_format(id, text + 1);
    text[0] = '"';
    text[UUID_TEXT_MAX] = '"'; /* over the NUL */
    buffer_append(out, text, UUID_TEXT_MAX + 1);
}

void json_append_optional_uuid(struct buffer *out, bool has, struct uuid id)
{
    if (has)
        json_append_uuid(out, id);
    else
        append_null(out);
}

void json_append_text(struct buffer *out, const char *text)
{
    buffer_append_json_text(out, text, strlen(text));
}

void json_append_optional_text(struct buffer *out, const char *text)
{
    if (text[0] == '\0')
        append_null(out);
    else
        json_append_text(out, text);
}
