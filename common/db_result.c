/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of results: see db.h. */
#include <assert.h>
#include <errno.h>

#include "common/db.h"
#include "common/hex.h"

/* The text of a value; NULL for SQL's NULL. */
static const char *find_value(const PGresult *result, int row, int column, size_t *ret_length)
{
    assert(result != NULL);
    assert(row >= 0 && row < PQntuples(result));
    assert(column >= 0 && column < PQnfields(result));
    if (PQgetisnull(result, row, column))
        return NULL;
    *ret_length = (size_t)PQgetlength(result, row, column);
    return PQgetvalue(result, row, column);
}

bool db_is_null(const PGresult *result, int row, int column)
{
    size_t length;

    return find_value(result, row, column, &length) == NULL;
}

int db_parse_i64(const char *text, size_t length, int64_t *ret_value)
{
    bool negative = length > 0 && text[0] == '-';
    int64_t value = 0;

    if (length <= negative)
        return -EINVAL;
    /* Gathered below zero, where there is room for INT64_MIN. */
    for (size_t i = negative; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text[i] - '0', &value))
            return -EINVAL;
    }
    if (!negative && value == INT64_MIN)
        return -EINVAL;
    *ret_value = negative ? value : -value;
    return 0;
}

int64_t db_get_i64(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);
    int64_t value = 0;

    if (text != NULL)
        (void)db_parse_i64(text, length, &value);
    return value;
}

bool db_get_bool(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);

    return text != NULL && length == 1 && text[0] == 't';
}

struct decimal db_get_decimal(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);
    struct decimal value = decimal_zero();

    if (text != NULL)
        (void)decimal_parse(text, length, &value);
    return value;
}

struct uuid db_get_uuid(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);
    struct uuid value = {.bytes = {0}};

    if (text != NULL)
        (void)uuid_parse(text, length, &value);
    return value;
}

struct instant db_get_instant(const PGresult *result, int row, int column)
{
    return (struct instant){db_get_i64(result, row, column)};
}

const char *db_get_text(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);

    return text != NULL ? text : "";
}

int db_get_bytes(const PGresult *result, int row, int column, uint8_t *buffer, size_t max)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);

    if (text == NULL || length < 2 || length % 2 != 0 || text[0] != '\\' || text[1] != 'x')
        return 0;
    size_t count = (length - 2) / 2;
    if (count > max)
        return -ENOBUFS;
    return hex_parse(text + 2, count, buffer) == 0 ? (int)count : 0;
}
