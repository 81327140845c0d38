/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include <assert.h>
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

void json_append_uuid(struct buffer *out, struct uuid id)
{
    char text[UUID_TEXT_MAX + 1];

    uuid_format(id, text + 1);
    text[0] = '"';
    text[UUID_TEXT_MAX] = '"'; /* over the NUL */
    buffer_append(out, text, UUID_TEXT_MAX + 1);
}

void json_append_text(struct buffer *out, const char *text)
{
    buffer_append_json_text(out, text, strlen(text));
}

void json_append_optional_text(struct buffer *out, const char *text)
{
    if (text == NULL || text[0] == '\0')
        append_null(out);
    else
        json_append_text(out, text);
}

void json_append_field(struct buffer *out, const struct schema_field *field, const void *message)
{
    const void *value = (const char *)message + field->offset;
    const char *word;

    switch (field->kind) {
    case SCHEMA_INT:
        return buffer_append_i64(out, *(const int *)value);
    case SCHEMA_U64:
        return buffer_append_format(out, "%llu", (unsigned long long)*(const uint64_t *)value);
    case SCHEMA_I64:
        return buffer_append_i64(out, *(const int64_t *)value);
    case SCHEMA_BOOL:
        return buffer_append_text(out, *(const bool *)value ? "true" : "false");
    case SCHEMA_INSTANT:
        return json_append_instant(out, *(const struct instant *)value);
    case SCHEMA_DECIMAL:
        return json_append_decimal(out, *(const struct decimal *)value);
    case SCHEMA_UUID:
        return json_append_uuid(out, *(const struct uuid *)value);
    case SCHEMA_TEXT:
        return json_append_text(out, value);
    case SCHEMA_BYTES:
        buffer_append_char(out, '"');
        buffer_append_hex(out, value, field->bound);
        return buffer_append_char(out, '"');
    case SCHEMA_ENUM:
        word = field->enum_text(*(const uint32_t *)value);
        return json_append_text(out, word == NULL ? "" : word);
    case SCHEMA_MSG:
    case SCHEMA_LIST:
        break;
    }
    assert(false && "a scalar");
}

void json_append_members(struct buffer *out, const struct schema_record *record, const void *message)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];

        buffer_append_text(out, i == 0 ? "\"" : ",\"");
        buffer_append_text(out, field->name);
        buffer_append_text(out, "\":");
        if (schema_field_is_present(field, message))
            json_append_field(out, field, message);
        else
            append_null(out);
    }
}
