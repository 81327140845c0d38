/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of PostgreSQL and structs, by declaration: a message as messages.def declares it (schema_event …), or
 * a table of fields that a service declares for a struct of its own (ROW_FIELD …).
 *
 * Conventions are those of common/db.h: instants are int8 microseconds, enums their words, bytes a bytea.
 * What is absent is NULL: a value without its flag, "" of an optional text, zero of a ROW_OPTIONAL. */
#ifndef OXE_PROTO_ROW_H
#define OXE_PROTO_ROW_H

#include "common/cleanup.h"
#include "common/db.h"
#include "proto/schema.h"

enum { ROW_FIELDS_MAX = 48 };

/* Where the fields stand in one result: found by name once, and used for each of its rows. */
struct row_reader {
    const PGresult *result; /* borrowed */
    const struct schema_record *record;
    int16_t columns[ROW_FIELDS_MAX]; /* of each field; -1: the result has none */
    const char *fault;               /* after -EBADMSG: the field */
};

/* -EBADMSG: the result lacks the column of a required field. Optional fields it lacks are absent in every
 * row; further columns are the caller's. */
int row_reader_open(const PGresult *result, const struct schema_record *record,
                    struct row_reader *ret_reader);
/* Fills the whole struct. -EBADMSG when a value cannot be read or a required one is NULL; *ret_message is
 * then half filled. */
int row_read(struct row_reader *reader, int row, void *ret_message);
/* Both for one row; false when it cannot be read. */
bool row_read_one(const PGresult *result, int row, const struct schema_record *record, void *ret_message);

/* Sets one field from the text of a column, bytes without their \x; NULL is SQL's NULL. -EBADMSG. */
int row_set_field(const struct schema_field *field, const char *text, size_t length, void *message);
/* For each field, in order, an array parameter with an element for every struct of `count` at `first` that
 * `includes` accepts (NULL: all). They stand `stride` bytes apart. Returns how many it accepted. */
size_t row_add_columns(struct db_args *args, const struct schema_record *record, const void *first,
                       size_t stride, size_t count, bool (*includes)(const void *message));

/* A service's own table:
 *     static const struct schema_field fields[] = {ROW_FIELD(struct fill, quantity, fill.quantity), …};
 *     static const struct schema_record record = ROW_RECORD(struct fill, fields);
 * The kind follows from the member's type; the column's name is only used in reading. */
#define ROW_RECORD(type_, fields_)                                                                           \
    {                                                                                                        \
        .size = sizeof(type_), .fields = (fields_), .field_count = ARRAY_LEN(fields_)                        \
    }
#define ROW_PLACE(type_, column, member)                                                                     \
    .name = #column, .offset = offsetof(type_, member), .bound = sizeof(((type_ *)0)->member)
#define ROW_KIND(type_, member)                                                                              \
    .kind = _Generic(((type_ *)0)->member,                                                                   \
        bool: SCHEMA_BOOL,                                                                                   \
        int: SCHEMA_INT,                                                                                     \
        int64_t: SCHEMA_I64,                                                                                 \
        uint64_t: SCHEMA_U64,                                                                                \
        struct instant: SCHEMA_INSTANT,                                                                      \
        struct decimal: SCHEMA_DECIMAL,                                                                      \
        struct uuid: SCHEMA_UUID,                                                                            \
        char *: SCHEMA_TEXT,                                                                                 \
        const char *: SCHEMA_TEXT,                                                                           \
        uint8_t *: SCHEMA_BYTES,                                                                             \
        const uint8_t *: SCHEMA_BYTES)
/* Never NULL. */
#define ROW_FIELD(type_, column, member)                                                                     \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), ROW_KIND(type_, member), .required = true                          \
    }
/* NULL when all its bytes are zero. */
#define ROW_OPTIONAL(type_, column, member)                                                                  \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), ROW_KIND(type_, member)                                            \
    }
/* NULL unless the bool `flag` of the struct is set. */
#define ROW_FLAGGED(type_, column, flag, member)                                                             \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), ROW_KIND(type_, member), .has_flag = true,                         \
                                                                   .flag_offset = offsetof(type_, flag)      \
    }
/* An enum by its words, which `text` tells (side_text). */
#define ROW_WORD(type_, column, member, text)                                                                \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), .kind = SCHEMA_ENUM, .enum_text = (text), .required = true         \
    }

/* NULL where it is zero. */
#define ROW_OPTIONAL_WORD(type_, column, member, text)                                                       \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), .kind = SCHEMA_ENUM, .enum_text = (text)                           \
    }
#define ROW_FLAGGED_WORD(type_, column, flag, member, text)                                                  \
    {                                                                                                        \
        ROW_PLACE(type_, column, member), .kind = SCHEMA_ENUM, .enum_text = (text), .has_flag = true,        \
                                          .flag_offset = offsetof(type_, flag)                               \
    }

#endif
