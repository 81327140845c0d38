/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of statements, built without an allocation per value: see db.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/db.h"

/* Of the types in PostgreSQL's catalogue, which never change (pg_type.dat). */
static const uint32_t element_oids[] = {[DB_ARRAY_UUID] = 2950, [DB_ARRAY_BYTEA] = 17};

enum { ARRAY_HEAD = 20 };

static void put_u32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void append_u32(struct buffer *out, uint32_t value)
{
    uint8_t bytes[4];

    put_u32(bytes, value);
    buffer_append(out, bytes, sizeof(bytes));
}

/* Before the elements: dimensions, whether some may be NULL, their type, how many they are, where they begin
 * (array_recv). */
static void put_array_head(const struct db_args *args, uint8_t head[static ARRAY_HEAD])
{
    put_u32(head, 1);
    put_u32(head + 4, 1);
    put_u32(head + 8, element_oids[args->array_form]);
    put_u32(head + 12, (uint32_t)args->array_rows);
    put_u32(head + 16, 1);
}

static void append_null(struct db_args *args)
{
    if (args->array_form == DB_ARRAY_TEXT)
        buffer_append(&args->values, "NULL", 4);
    else
        append_u32(&args->values, UINT32_MAX);
}

static void append_comma(struct db_args *args, bool first)
{
    if (args->array_form == DB_ARRAY_TEXT && !first)
        buffer_append_char(&args->values, ',');
}

/* The array's first value that is not NULL; the NULLs before it have waited for it. */
static void begin_array(struct db_args *args, enum db_array_form form)
{
    uint8_t head[ARRAY_HEAD] = {0}; /* written when the elements are counted */

    args->array_form = form;
    if (form == DB_ARRAY_TEXT)
        buffer_append_char(&args->values, '{');
    else
        buffer_append(&args->values, head, sizeof(head));
    for (size_t i = 0; i < args->array_rows; i++) {
        append_comma(args, i == 0);
        append_null(args);
    }
}

static void begin_element(struct db_args *args, enum db_array_form form)
{
    if (args->array_form == DB_ARRAY_UNKNOWN)
        begin_array(args, form);
    assert(args->array_form == form);
    append_comma(args, args->array_rows == 0);
    args->array_rows++;
}

static void begin_parameter(struct db_args *args, bool null)
{
    assert(args->count < DB_PARAMETERS_MAX);
    args->offsets[args->count] = args->values.length;
    args->lengths[args->count] = args->formats[args->count] = 0;
    args->nulls[args->count] = null;
    args->count++;
}

static void end_binary(struct db_args *args)
{
    args->lengths[args->count - 1] = (int)(args->values.length - args->offsets[args->count - 1]);
    args->formats[args->count - 1] = 1;
}

/* Makes place for one value as text: the next parameter, or the next element of the array that is open. */
static void begin_value(struct db_args *args)
{
    if (args->in_array)
        begin_element(args, DB_ARRAY_TEXT);
    else
        begin_parameter(args, false);
}

static void end_value(struct db_args *args)
{
    if (!args->in_array)
        buffer_append_char(&args->values, '\0');
}

/* An element of a binary array. */
static void add_binary(struct db_args *args, enum db_array_form form, const uint8_t *bytes, size_t length)
{
    begin_element(args, form);
    append_u32(&args->values, (uint32_t)length);
    buffer_append(&args->values, bytes, length);
}

/* A value whose text needs no quotes inside an array. */
static void add_plain(struct db_args *args, const char *text, size_t length)
{
    begin_value(args);
    buffer_append(&args->values, text, length);
    end_value(args);
}

void db_args_clear(struct db_args *args)
{
    assert(!args->in_array);
    buffer_clear(&args->values);
    args->count = 0;
}

void db_args_release(struct db_args *args)
{
    buffer_release(&args->values);
    args->count = 0;
    args->in_array = false;
}

void db_args_null(struct db_args *args)
{
    if (!args->in_array) {
        begin_parameter(args, true);
        buffer_append_char(&args->values, '\0');
        return;
    }
    append_comma(args, args->array_rows == 0);
    if (args->array_form != DB_ARRAY_UNKNOWN)
        append_null(args);
    args->array_rows++;
}

/* An array element in quotes; the array grammar gives " and \ a meaning and every other byte none. */
static void append_quoted(struct buffer *out, const char *text, size_t length)
{
    const char *end = text + length;

    buffer_append_char(out, '"');
    while (text < end) {
        const char *run = text;
        while (text < end && *text != '"' && *text != '\\')
            text++;
        buffer_append(out, run, (size_t)(text - run));
        if (text < end)
            buffer_append(out, (const char[]){'\\', *text++}, 2);
    }
    buffer_append_char(out, '"');
}

void db_args_text_n(struct db_args *args, const char *text, size_t length)
{
    begin_value(args);
    /* PostgreSQL has no zero byte in text, and what stands behind one would be lost without a word. */
    if (length > 0 && memchr(text, '\0', length) != NULL && !buffer_failed(&args->values))
        args->values.error = -EINVAL;
    if (args->in_array)
        append_quoted(&args->values, text, length);
    else
        buffer_append(&args->values, text, length);
    end_value(args);
}

void db_args_text(struct db_args *args, const char *text)
{
    if (text == NULL)
        db_args_null(args);
    else
        db_args_text_n(args, text, strlen(text));
}

void db_args_i64(struct db_args *args, int64_t value)
{
    begin_value(args);
    buffer_append_i64(&args->values, value);
    end_value(args);
}

void db_args_bool(struct db_args *args, bool value)
{
    add_plain(args, value ? "t" : "f", 1);
}

void db_args_decimal(struct db_args *args, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    add_plain(args, text, decimal_format(value, text));
}

void db_args_uuid(struct db_args *args, struct uuid value)
{
    char text[UUID_TEXT_MAX];

    if (args->in_array) {
        add_binary(args, DB_ARRAY_UUID, value.bytes, sizeof(value.bytes));
        return;
    }
    uuid_format(value, text);
    add_plain(args, text, UUID_TEXT_MAX - 1);
}

void db_args_instant(struct db_args *args, struct instant value)
{
    db_args_i64(args, value.us);
}

void db_args_bytes(struct db_args *args, const uint8_t *bytes, size_t length)
{
    if (args->in_array) {
        add_binary(args, DB_ARRAY_BYTEA, bytes, length);
        return;
    }
    begin_parameter(args, false);
    buffer_append(&args->values, bytes, length);
    end_binary(args);
}

void db_args_array_begin(struct db_args *args)
{
    assert(!args->in_array);
    begin_parameter(args, false);
    args->in_array = true;
    args->array_form = DB_ARRAY_UNKNOWN;
    args->array_rows = 0;
}

void db_args_array_end(struct db_args *args)
{
    assert(args->in_array);
    if (args->array_form == DB_ARRAY_UNKNOWN)
        begin_array(args, DB_ARRAY_TEXT); /* empty, or all of it NULL: the type does not matter */
    args->in_array = false;
    if (args->array_form != DB_ARRAY_TEXT) {
        if (!buffer_failed(&args->values))
            put_array_head(args, (uint8_t *)args->values.data + args->offsets[args->count - 1]);
        end_binary(args);
        return;
    }
    buffer_append_char(&args->values, '}');
    end_value(args);
}
