/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the gateway's JSON and printing it as tables. */
#include "services/oxectl/oxectl.h"

#include <string.h>

yajl_val json_get(yajl_val object, const char *name)
{
    const char *path[] = {name, NULL};
    return object == NULL ? NULL : yajl_tree_get(object, path, yajl_t_any);
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

void json_append_member(struct buffer *object, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_format(object, "%s\"%s\":", object->length > 1 ? "," : "", name);
    buffer_append_json_text(object, value, strlen(value));
}

void json_append_args(struct buffer *object, const struct args *args)
{
    for (const struct arg *arg = args->command->args; arg->name != NULL; arg++) {
        if (arg->member != NULL)
            json_append_member(object, arg->member, args_text(args, arg->name));
    }
}

void table_print(FILE *out, const struct column *columns, size_t column_count, yajl_val array)
{
    size_t rows = YAJL_IS_ARRAY(array) ? YAJL_GET_ARRAY(array)->len : 0;
    for (size_t row = 0; row <= rows; row++) {
        for (size_t c = 0; c < column_count; c++) {
            size_t width = strlen(columns[c].title);
            for (size_t i = 0; i < rows; i++) {
                size_t length = strlen(json_text(YAJL_GET_ARRAY(array)->values[i], columns[c].member));
                width = length > width ? length : width;
            }
            const char *text = row == 0
                                   ? columns[c].title
                                   : json_text(YAJL_GET_ARRAY(array)->values[row - 1], columns[c].member);
            bool last = c + 1 == column_count;
            if (columns[c].right)
                (void)fprintf(out, "%*s%s", (int)width, text, last ? "\n" : "  ");
            else
                (void)fprintf(out, "%-*s%s", last ? 0 : (int)width, text, last ? "\n" : "  ");
        }
    }
}
