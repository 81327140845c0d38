/* SPDX-License-Identifier: Apache-2.0 */
/* The values of fields: numbers, decimals, times. */
#include <errno.h>

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

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
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
    int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 4),
        day = two_digits(text + 6);
    int hour = two_digits(text + 9), minute = two_digits(text + 12), second = two_digits(text + 15);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 ||
        minute > 59 || second > 60)
        return -EINVAL;
    int64_t us = 0, unit = 100000;
    for (size_t i = whole + 1; i < length && unit > 0; i++, unit /= 10)
        us += (text[i] - '0') * unit;
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *ret_value = (struct instant){seconds * 1000000 + us};
    return 0;
}
