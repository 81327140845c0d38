/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimals: see decimal.h. */
#include "common/decimal.h"

#include <assert.h>
#include <errno.h>

__extension__ typedef __int128 wide;

/* Digits before the point that an int64_t count of 1e-8 can have. */
enum { DIGITS_BEFORE_POINT = 11 };

/* Far beyond any length of text, far below overflow. */
#define EXPONENT_MAX (INT64_MAX / 4)

static const uint64_t powers_of_ten[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* A number as written: its significant digits lie between first and last; weight_last is the power of ten of
 * the last. */
struct scanned {
    bool negative;
    const char *first; /* NULL when every digit is 0 */
    const char *last;
    int64_t weight_first;
    int64_t weight_last;
};

static bool is_digit(const char *cursor, const char *end)
{
    return cursor < end && *cursor >= '0' && *cursor <= '9';
}

static int scan_exponent(const char **cursor, const char *end, int64_t *ret_exponent)
{
    bool negative = false;
    int64_t exponent = 0;

    if (*cursor < end && (**cursor == '+' || **cursor == '-')) {
        negative = **cursor == '-';
        (*cursor)++;
    }
    if (!is_digit(*cursor, end))
        return -EINVAL;
    for (; is_digit(*cursor, end); (*cursor)++) {
        exponent = exponent * 10 + (**cursor - '0');
        if (exponent > EXPONENT_MAX / 10)
            exponent = EXPONENT_MAX / 10;
    }
    *ret_exponent = negative ? -exponent : exponent;
    return 0;
}

/* Notes the digits at cursor; the digit left of the point has weight 0. */
static const char *scan_digits(const char *cursor, const char *end, int64_t weight, struct scanned *scanned)
{
    for (; is_digit(cursor, end); cursor++, weight--) {
        if (*cursor == '0')
            continue;
        if (scanned->first == NULL) {
            scanned->first = cursor;
            scanned->weight_first = weight;
        }
        scanned->last = cursor;
        scanned->weight_last = weight;
    }
    return cursor;
}

static int scan(const char *text, size_t length, struct scanned *ret_scanned)
{
    const char *cursor = text;
    const char *end = text + length;
    struct scanned scanned = {0};
    int64_t exponent = 0;

    if (cursor < end && *cursor == '-') {
        scanned.negative = true;
        cursor++;
    }
    const char *whole = cursor;
    while (is_digit(cursor, end))
        cursor++;
    if (cursor == whole || (*whole == '0' && cursor - whole > 1))
        return -EINVAL;
    (void)scan_digits(whole, cursor, cursor - whole - 1, &scanned);
    if (cursor < end && *cursor == '.') {
        cursor++;
        if (!is_digit(cursor, end))
            return -EINVAL;
        cursor = scan_digits(cursor, end, -1, &scanned);
    }
    if (cursor < end && (*cursor == 'e' || *cursor == 'E')) {
        cursor++;
        if (scan_exponent(&cursor, end, &exponent) < 0)
            return -EINVAL;
    }
    if (cursor != end)
        return -EINVAL;
    scanned.weight_first += exponent;
    scanned.weight_last += exponent;
    *ret_scanned = scanned;
    return 0;
}

int decimal_parse(const char *text, size_t length, struct decimal *ret_value)
{
    struct scanned scanned;
    uint64_t magnitude = 0;

    int r = scan(text, length, &scanned);
    if (r < 0)
        return r;
    if (scanned.first == NULL) {
        *ret_value = decimal_zero();
        return 0;
    }
    if (scanned.weight_first >= DIGITS_BEFORE_POINT)
        return -ERANGE;
    if (scanned.weight_last < -DECIMAL_DIGITS)
        return -EDOM;
    /* At most 11 + 8 digits are left, and 10^19 fits. */
    for (const char *cursor = scanned.first; cursor <= scanned.last; cursor++) {
        if (*cursor != '.')
            magnitude = magnitude * 10 + (uint64_t)(*cursor - '0');
    }
    magnitude *= powers_of_ten[scanned.weight_last + DECIMAL_DIGITS];
    if (magnitude > (uint64_t)INT64_MAX + (scanned.negative ? 1 : 0))
        return -ERANGE;
    ret_value->units = scanned.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return 0;
}

size_t decimal_format(struct decimal value, char buffer[static DECIMAL_TEXT_MAX])
{
    bool negative = value.units < 0;
    uint64_t magnitude = negative ? 0 - (uint64_t)value.units : (uint64_t)value.units;
    uint64_t whole = magnitude / (uint64_t)DECIMAL_ONE;
    uint64_t fraction = magnitude % (uint64_t)DECIMAL_ONE;
    char reversed[DECIMAL_TEXT_MAX];
    size_t count = 0, length = 0;

    /* The fraction's trailing zeros come first in reverse order: skip them. */
    for (int i = 0; i < DECIMAL_DIGITS && fraction != 0; i++, fraction /= 10) {
        if (count > 0 || fraction % 10 != 0)
            reversed[count++] = (char)('0' + fraction % 10);
        if (fraction < 10) {
            for (i++; i < DECIMAL_DIGITS; i++)
                reversed[count++] = '0';
        }
    }
    if (count > 0)
        reversed[count++] = '.';
    do {
        reversed[count++] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole != 0);
    if (negative)
        reversed[count++] = '-';
    while (count > 0)
        buffer[length++] = reversed[--count];
    buffer[length] = '\0';
    return length;
}

int decimal_add(struct decimal a, struct decimal b, struct decimal *ret_sum)
{
    int64_t sum;

    if (__builtin_add_overflow(a.units, b.units, &sum))
        return -ERANGE;
    ret_sum->units = sum;
    return 0;
}

int decimal_sub(struct decimal a, struct decimal b, struct decimal *ret_difference)
{
    int64_t difference;

    if (__builtin_sub_overflow(a.units, b.units, &difference))
        return -ERANGE;
    ret_difference->units = difference;
    return 0;
}

int decimal_negate(struct decimal a, struct decimal *ret_negated)
{
    return decimal_sub(decimal_zero(), a, ret_negated);
}

/* |numerator| is at most 2^126 and |denominator| at most 2^63, so nothing here overflows. */
static int divide_rounded(wide numerator, wide denominator, enum decimal_rounding rounding,
                          struct decimal *ret_quotient)
{
    if (denominator == 0)
        return -EINVAL;
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    wide quotient = numerator / denominator;
    wide remainder = numerator % denominator;
    if (remainder < 0) {
        quotient--;
        remainder += denominator;
    }
    switch (rounding) {
    case DECIMAL_FLOOR:
        break;
    case DECIMAL_CEIL:
        quotient += remainder > 0;
        break;
    case DECIMAL_HALF_EVEN:
        quotient += 2 * remainder > denominator || (2 * remainder == denominator && quotient % 2 != 0);
        break;
    }
    if (quotient < INT64_MIN || quotient > INT64_MAX)
        return -ERANGE;
    ret_quotient->units = (int64_t)quotient;
    return 0;
}

int decimal_multiply(struct decimal a, struct decimal b, enum decimal_rounding rounding,
                     struct decimal *ret_product)
{
    return divide_rounded((wide)a.units * b.units, DECIMAL_ONE, rounding, ret_product);
}

int decimal_divide(struct decimal a, struct decimal b, enum decimal_rounding rounding,
                   struct decimal *ret_quotient)
{
    return divide_rounded((wide)a.units * DECIMAL_ONE, b.units, rounding, ret_quotient);
}

int decimal_multiply_divide(struct decimal a, struct decimal b, struct decimal c,
                            enum decimal_rounding rounding, struct decimal *ret_result)
{
    return divide_rounded((wide)a.units * b.units, c.units, rounding, ret_result);
}

bool decimal_is_multiple(struct decimal value, struct decimal step)
{
    assert(step.units > 0);
    return value.units % step.units == 0;
}
