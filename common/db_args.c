/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of statements, built without an allocation per value: see db.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/db.h"

/* Makes place for one value: the next parameter, or the next element of the array that is open. */
static void begin_value(struct db_args *args, bool null)
{
    if (args->in_array) {
        if (args->array_rows++ > 0)
            buffer_append_char(&args->text, ',');
        return;
    }
    assert(args->count < DB_PARAMETERS_MAX);
    args->offsets[args->count] = args->text.length;
    args->nulls[args->count] = null;
    args->count++;
}

static void end_value(struct db_args *args)
{
    if (!args->in_array)
        buffer_append_char(&args->text, '\0');
}

/* A value whose text needs no quotes inside an array. */
static void add_plain(struct db_args *args, const char *text, size_t length)
{
    begin_value(args, false);
    buffer_append(&args->text, text, length);
    end_value(args);
}

void db_args_clear(struct db_args *args)
{
    assert(!args->in_array);
    buffer_clear(&args->text);
    args->count = 0;
}

void db_args_release(struct db_args *args)
{
    buffer_release(&args->text);
    args->count = 0;
    args->in_array = false;
}

void db_args_null(struct db_args *args)
{
    begin_value(args, true);
    if (args->in_array)
        buffer_append(&args->text, "NULL", 4);
    end_value(args);
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
    begin_value(args, false);
    /* PostgreSQL has no zero byte in text, and what stands behind one would be lost without a word. */
    if (length > 0 && memchr(text, '\0', length) != NULL && !buffer_failed(&args->text))
        args->text.error = -EINVAL;
    if (args->in_array)
        append_quoted(&args->text, text, length);
    else
        buffer_append(&args->text, text, length);
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
    begin_value(args, false);
    buffer_append_i64(&args->text, value);
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

    uuid_format(value, text);
    add_plain(args, text, UUID_TEXT_MAX - 1);
}

void db_args_instant(struct db_args *args, struct instant value)
{
    db_args_i64(args, value.us);
}

void db_args_bytes(struct db_args *args, const uint8_t *bytes, size_t length)
{
    begin_value(args, false);
    if (args->in_array)
        buffer_append(&args->text, "\"\\\\x", 4);
    else
        buffer_append(&args->text, "\\x", 2);
    buffer_append_hex(&args->text, bytes, length);
    if (args->in_array)
        buffer_append_char(&args->text, '"');
    end_value(args);
}

void db_args_array_begin(struct db_args *args)
{
    assert(!args->in_array);
    begin_value(args, false);
    buffer_append_char(&args->text, '{');
    args->in_array = true;
    args->array_rows = 0;
}

void db_args_array_end(struct db_args *args)
{
    assert(args->in_array);
    args->in_array = false;
    buffer_append_char(&args->text, '}');
    end_value(args);
}
