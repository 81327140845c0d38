/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of results: see db.h. */
#include <assert.h>
#include <errno.h>

#include "common/db.h"

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

int64_t db_get_i64(const PGresult *result, int row, int column)
{
    size_t length;
    const char *text = find_value(result, row, column, &length);
    int64_t value = 0;
    size_t i = 0;

    if (text == NULL || length == 0)
        return 0;
    bool negative = text[0] == '-';
    for (i = negative; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text[i] - '0', &value))
            return 0;
    }
    /* Gathered below zero, where there is room for INT64_MIN. */
    if (negative)
        return value;
    return value == INT64_MIN ? 0 : -value;
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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
    for (size_t i = 0; i < count; i++) {
        int high = hex_digit(text[2 + 2 * i]);
        int low = hex_digit(text[3 + 2 * i]);
        if (high < 0 || low < 0)
            return 0;
        buffer[i] = (uint8_t)(high << 4 | low);
    }
    return (int)count;
}
