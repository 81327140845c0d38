/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/row.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/hex.h"

enum { WORDS_MAX = 64 }; /* of an enum; their numbers begin at 0 or 1 and have no gaps */

/* The column of a name, looked for from `from` on, as results mostly keep the order of the declaration. */
static int find_column(const PGresult *result, const char *name, int from)
{
    int count = PQnfields(result);

    for (int i = 0; i < count; i++) {
        int column = (from + i) % count;
        if (strcmp(PQfname(result, column), name) == 0)
            return column;
    }
    return -1;
}

int row_reader_open(const PGresult *result, const struct schema_record *record, struct row_reader *ret_reader)
{
    int from = 0;

    assert(record->field_count <= ROW_FIELDS_MAX);
    ret_reader->result = result;
    ret_reader->record = record;
    ret_reader->fault = NULL;
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];
        int column = find_column(result, field->name, from);
        if (column < 0 && field->required) {
            ret_reader->fault = field->name;
            return -EBADMSG;
        }
        ret_reader->columns[i] = (int16_t)column;
        from = column + 1;
    }
    return 0;
}

static int parse_word(const struct schema_field *field, const char *text, uint32_t *ret_number)
{
    for (uint32_t number = 0; number < WORDS_MAX; number++) {
        const char *word = field->enum_text(number);
        if (word != NULL && word[0] != '\0' && strcmp(word, text) == 0) {
            *ret_number = number;
            return 0;
        }
    }
    return -EBADMSG;
}

static int parse_number(const struct schema_field *field, const char *text, size_t length, void *value)
{
    int64_t number;

    if (db_parse_i64(text, length, &number) < 0)
        return -EBADMSG;
    if (field->kind == SCHEMA_INT) {
        if (number < INT32_MIN || number > INT32_MAX)
            return -EBADMSG;
        *(int *)value = (int)number;
        return 0;
    }
    if (field->kind == SCHEMA_U64 && number < 0)
        return -EBADMSG;
    *(int64_t *)value = number; /* a U64, an I64, or an instant's microseconds */
    return 0;
}

static int parse_value(const struct schema_field *field, const char *text, size_t length, void *value)
{
    switch (field->kind) {
    case SCHEMA_INT:
    case SCHEMA_U64:
    case SCHEMA_I64:
    case SCHEMA_INSTANT:
        return parse_number(field, text, length, value);
    case SCHEMA_BOOL:
        *(bool *)value = text[0] == 't';
        return length == 1 && (text[0] == 't' || text[0] == 'f') ? 0 : -EBADMSG;
    case SCHEMA_DECIMAL:
        return decimal_parse(text, length, value) < 0 ? -EBADMSG : 0;
    case SCHEMA_UUID:
        return uuid_parse(text, length, value) < 0 ? -EBADMSG : 0;
    case SCHEMA_TEXT:
        if (length >= field->bound)
            return -EBADMSG;
        memcpy(value, text, length + 1);
        return 0;
    case SCHEMA_BYTES:
        return length == 2 * field->bound && hex_parse(text, field->bound, value) == 0 ? 0 : -EBADMSG;
    case SCHEMA_ENUM:
        return parse_word(field, text, value);
    case SCHEMA_MSG:
    case SCHEMA_LIST:
        break;
    }
    return -EBADMSG;
}

int row_set_field(const struct schema_field *field, const char *text, size_t length, void *message)
{
    char *at = message;

    if (field->has_flag)
        *(bool *)(at + field->flag_offset) = text != NULL;
    if (text == NULL)
        return field->required ? -EBADMSG : 0;
    return parse_value(field, text, length, at + field->offset);
}

int row_read(struct row_reader *reader, int row, void *ret_message)
{
    const PGresult *result = reader->result;

    memset(ret_message, 0, reader->record->size);
    for (size_t i = 0; i < reader->record->field_count; i++) {
        const struct schema_field *field = &reader->record->fields[i];
        int column = reader->columns[i];
        if (column < 0)
            continue;
        const char *text = PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
        size_t length = (size_t)PQgetlength(result, row, column);
        if (text != NULL && field->kind == SCHEMA_BYTES && strncmp(text, "\\x", 2) == 0) {
            text += 2;
            length -= 2;
        }
        if (row_set_field(field, text, length, ret_message) < 0) {
            reader->fault = field->name;
            return -EBADMSG;
        }
    }
    return 0;
}

bool row_read_one(const PGresult *result, int row, const struct schema_record *record, void *ret_message)
{
    struct row_reader reader;

    return row_reader_open(result, record, &reader) == 0 && row_read(&reader, row, ret_message) == 0;
}

static void add_value(struct db_args *args, const struct schema_field *field, const char *message)
{
    const void *value = message + field->offset;

    if (!schema_field_is_present(field, message))
        return db_args_null(args);
    switch (field->kind) {
    case SCHEMA_INT:
        return db_args_i64(args, *(const int *)value);
    case SCHEMA_U64:
    case SCHEMA_I64:
    case SCHEMA_INSTANT:
        return db_args_i64(args, *(const int64_t *)value);
    case SCHEMA_BOOL:
        return db_args_bool(args, *(const bool *)value);
    case SCHEMA_DECIMAL:
        return db_args_decimal(args, *(const struct decimal *)value);
    case SCHEMA_UUID:
        return db_args_uuid(args, *(const struct uuid *)value);
    case SCHEMA_TEXT:
        return db_args_text(args, value);
    case SCHEMA_BYTES:
        return db_args_bytes(args, value, field->bound);
    case SCHEMA_ENUM:
        return db_args_text(args, field->enum_text(*(const uint32_t *)value));
    case SCHEMA_MSG:
    case SCHEMA_LIST:
        break;
    }
    assert(false && "a column holds one value");
}

size_t row_add_columns(struct db_args *args, const struct schema_record *record, const void *first,
                       size_t stride, size_t count, bool (*includes)(const void *message))
{
    size_t accepted = 0;

    for (size_t i = 0; i < record->field_count; i++) {
        db_args_array_begin(args);
        accepted = 0;
        for (const char *message = first, *end = message + count * stride; message < end; message += stride) {
            if (includes != NULL && !includes(message))
                continue;
            add_value(args, &record->fields[i], message);
            accepted++;
        }
        db_args_array_end(args);
    }
    return accepted;
}
