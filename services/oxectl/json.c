/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/json.h"

#include <string.h>

yajl_val json_get(yajl_val object, const char *name)
{
    const char *path[] = {name, NULL};
    yajl_val value = object == NULL ? NULL : yajl_tree_get(object, path, yajl_t_any);
    return YAJL_IS_NULL(value) ? NULL : value;
}

const char *json_text(yajl_val object, const char *name)
{
    yajl_val value = json_get(object, name);
    if (YAJL_IS_STRING(value))
        return YAJL_GET_STRING(value);
    if (YAJL_IS_NUMBER(value))
        return YAJL_GET_NUMBER(value);
    if (YAJL_IS_TRUE(value))
        return "true";
    if (YAJL_IS_FALSE(value))
        return "false";
    return "-";
}

size_t json_length(yajl_val array)
{
    return YAJL_IS_ARRAY(array) ? YAJL_GET_ARRAY(array)->len : 0;
}

yajl_val json_item(yajl_val array, size_t index)
{
    return YAJL_GET_ARRAY(array)->values[index];
}

static void append_comma(struct buffer *out)
{
    if (out->length > 0 && strchr("{[", out->data[out->length - 1]) == NULL)
        buffer_append_char(out, ',');
}

void json_open_object(struct buffer *out)
{
    append_comma(out);
    buffer_append_char(out, '{');
}

void json_append_true(struct buffer *out, const char *name)
{
    append_comma(out);
    buffer_append_format(out, "\"%s\":true", name);
}

void json_append_member(struct buffer *out, const char *name, const char *value)
{
    append_comma(out);
    buffer_append_format(out, "\"%s\":", name);
    buffer_append_json_text(out, value, strlen(value));
}

void table_print(FILE *out, const struct column *columns, size_t column_count, yajl_val array)
{
    size_t rows = json_length(array);
    for (size_t row = 0; row <= rows; row++) {
        for (size_t c = 0; c < column_count; c++) {
            size_t width = strlen(columns[c].title);
            for (size_t i = 0; i < rows; i++) {
                size_t length = strlen(json_text(json_item(array, i), columns[c].member));
                width = length > width ? length : width;
            }
            const char *text =
                row == 0 ? columns[c].title : json_text(json_item(array, row - 1), columns[c].member);
            bool last = c + 1 == column_count;
            if (columns[c].right)
                (void)fprintf(out, "%*s%s", (int)width, text, last ? "\n" : "  ");
            else
                (void)fprintf(out, "%-*s%s", last ? 0 : (int)width, text, last ? "\n" : "  ");
        }
    }
}
