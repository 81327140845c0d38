/* SPDX-License-Identifier: Apache-2.0 */
/* The values of fields: numbers, decimals, times. */
#include <errno.h>
#include <string.h>

#include "services/exchange-sim/fix/fix.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int fix_value_u64(const char *text, size_t length, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (length == 0)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (unsigned)(text[i] - '0'), &value))
            return -ERANGE;
    }
    *ret_value = value;
    return 0;
}

int fix_value_decimal(const char *text, size_t length, struct decimal *ret_value)
{
    bool negative = length > 0 && text[0] == '-';
    int64_t units = 0;
    size_t digits = 0;
    int fraction = -1; /* digits after the point so far; -1 before it */
    for (size_t i = negative ? 1 : 0; i < length; i++) {
        if (text[i] == '.' && fraction < 0) {
            fraction = 0;
            continue;
        }
        if (!is_digit(text[i]))
            return -EINVAL;
        digits++;
        if (fraction == DECIMAL_DIGITS) {
            if (text[i] != '0')
                return -ERANGE;
            continue;
        }
        if (__builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, text[i] - '0', &units))
            return -ERANGE;
        fraction += fraction >= 0;
    }
    if (digits == 0)
        return -EINVAL;
    for (int i = fraction < 0 ? 0 : fraction; i < DECIMAL_DIGITS; i++)
        if (__builtin_mul_overflow(units, 10, &units))
            return -ERANGE;
    *ret_value = decimal_from_units(negative ? -units : units);
    return 0;
}

int fix_value_bool(const char *text, size_t length, bool *ret_value)
{
    if (length != 1 || (text[0] != 'Y' && text[0] != 'N'))
        return -EINVAL;
    *ret_value = text[0] == 'Y';
    return 0;
}

int fix_value_time(const char *text, size_t length, struct instant *ret_value)
{
    static const char pattern[] = "dddddddd-dd:dd:dd";
    const size_t whole = sizeof(pattern) - 1;
    if (length != whole && length != whole + 4 && length != whole + 7 && length != whole + 10)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        char expected = i < whole ? pattern[i] : i == whole ? '.' : 'd';
        if (expected == 'd' ? !is_digit(text[i]) : text[i] != expected)
            return -EINVAL;
    }
    char rfc3339[INSTANT_TEXT_MAX] = "yyyy-mm-ddT";
    memcpy(rfc3339, text, 4);
    memcpy(rfc3339 + 5, text + 4, 2);
    memcpy(rfc3339 + 8, text + 6, 2);
    memcpy(rfc3339 + 11, text + 9, length - 9);
    rfc3339[length + 2] = 'Z';
    return instant_parse(rfc3339, length + 3, ret_value) < 0 ? -EINVAL : 0;
}

static struct fix_fault read_decimal(const struct fix_field *field, struct decimal *ret_value)
{
    int error = fix_value_decimal(field->value, field->length, ret_value);
    if (error == 0 && decimal_is_positive(*ret_value))
        return (struct fix_fault){.kind = FIX_VALID};
    return fix_faulty(error == -EINVAL ? FIX_REASON_DATA_FORMAT : FIX_REASON_VALUE_INCORRECT, field->tag);
}

struct fix_fault fix_read(const struct fix_field *field, enum fix_kind kind, const char *values,
                          void *ret_value)
{
    union {
        struct fix_text text;
        uint64_t number;
        bool flag;
        char letter;
        struct decimal decimal;
        struct instant time;
    } unused;
    void *value = ret_value != NULL ? ret_value : &unused;
    struct fix_fault fault = fix_faulty(FIX_REASON_VALUE_INCORRECT, field->tag);
    int error = 0;
    switch (kind) {
    case FIX_KIND_ID:
        fault.text = "Value is longer than 47 characters";
        if (field->length > FIX_ID_MAX)
            return fault;
        *(struct fix_text *)value = (struct fix_text){field->value, field->length};
        break;
    case FIX_KIND_TEXT:
        *(struct fix_text *)value = (struct fix_text){field->value, field->length};
        break;
    case FIX_KIND_NUMBER:
        error = fix_value_u64(field->value, field->length, value);
        break;
    case FIX_KIND_BOOL:
        error = fix_value_bool(field->value, field->length, value);
        break;
    case FIX_KIND_ENUM:
        *(char *)value = field->value[0];
        if (field->length == 1 && memchr(values, field->value[0], strlen(values)) == NULL)
            return fault;
        error = field->length == 1 ? 0 : -EINVAL;
        break;
    case FIX_KIND_DECIMAL:
        return read_decimal(field, value);
    case FIX_KIND_TIME:
        error = fix_value_time(field->value, field->length, value);
        break;
    }
    return error < 0 ? fix_faulty(FIX_REASON_DATA_FORMAT, field->tag) : (struct fix_fault){.kind = FIX_VALID};
}
