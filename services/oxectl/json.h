/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON, printing it as a table, and writing objects. Pure. */
#ifndef OXE_OXECTL_JSON_H
#define OXE_OXECTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <yajl/yajl_tree.h>

#include "common/buffer.h"

/* A member; NULL for null, absent, and what is no object. */
yajl_val json_get(yajl_val object, const char *name);
/* Text of a member: a string, a number as written, true, false; "-" for null or absent. */
const char *json_text(yajl_val object, const char *name);
/* Of an array; of anything else 0. */
size_t json_length(yajl_val array);
yajl_val json_item(yajl_val array, size_t index);

struct column {
    const char *title;
    const char *member;
    bool right; /* numbers */
};
/* A table with aligned columns; nothing but the titles when the array is empty. */
void table_print(FILE *out, const struct column *columns, size_t column_count, yajl_val array);

/* Each with a comma before it unless a bracket has just been opened: a bracket that opens an object, and
 * "name":"value", and "name":true. */
void json_open_object(struct buffer *out);
void json_append_true(struct buffer *out, const char *name);
void json_append_member(struct buffer *out, const char *name, const char *value);

#endif
