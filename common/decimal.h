/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimals: money, prices and quantities as a count of 1e-8.
 *
 * Holds what a NUMERIC(20,8) column of OXE holds, within int64_t: about
 * ±92,233,720,368.54775807. The contract bounds requests more tightly (10 digits before
 * the point, 8 after). Products go through __int128; what does not fit is -ERANGE,
 * never wrapped, never rounded silently. No function here touches floating point.
 *
 * Errors: -EINVAL not a decimal, -EDOM more than 8 digits after the point, -ERANGE too large.
 * ret_ parameters are untouched on failure. */
#ifndef OXE_COMMON_DECIMAL_H
#define OXE_COMMON_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECIMAL_DIGITS = 8,
    DECIMAL_TEXT_MAX = 24, /* longest text with sign, point and the closing NUL */
};

#define DECIMAL_ONE INT64_C(100000000)

struct decimal {
    int64_t units; /* 1e-8 */
};

enum decimal_rounding {
    DECIMAL_FLOOR,     /* towards minus infinity */
    DECIMAL_CEIL,      /* towards plus infinity: reservations */
    DECIMAL_HALF_EVEN, /* averages, P&L */
};

static inline struct decimal decimal_from_units(int64_t units)
{
    return (struct decimal){units};
}

static inline struct decimal decimal_zero(void)
{
    return (struct decimal){0};
}

static inline int decimal_compare(struct decimal a, struct decimal b)
{
    return (a.units > b.units) - (a.units < b.units);
}

static inline bool decimal_is_zero(struct decimal a)
{
    return a.units == 0;
}

static inline bool decimal_is_positive(struct decimal a)
{
    return a.units > 0;
}

static inline bool decimal_is_negative(struct decimal a)
{
    return a.units < 0;
}

/* Parses `length` bytes: JSON number grammar (RFC 8259 section 6), exponent included, so 1.5, -0.1, 15e-1,
 * 1E2; leading '+', blanks, 'NaN', hex and empty text are -EINVAL. An exponent of any length is handled
 * (1e400 is -ERANGE, 1e-400 is -EDOM, 0e400 is 0). Trailing zeros beyond the 8th digit are no excess
 * precision (1.000000000 is 1). */
int decimal_parse(const char *text, size_t length, struct decimal *ret_value);

/* Canonical text: no exponent, no trailing zeros, no trailing point, "0" for zero. A valid JSON number.
 * Returns its length. */
size_t decimal_format(struct decimal value, char buffer[DECIMAL_TEXT_MAX]);

int decimal_add(struct decimal a, struct decimal b, struct decimal *ret_sum);
int decimal_sub(struct decimal a, struct decimal b, struct decimal *ret_difference);
int decimal_negate(struct decimal a, struct decimal *ret_negated);

/* a × b, rounded to 1e-8 as told. */
int decimal_multiply(struct decimal a, struct decimal b, enum decimal_rounding rounding,
                     struct decimal *ret_product);

/* a ÷ b, rounded to 1e-8 as told. b = 0 is -EINVAL. */
int decimal_divide(struct decimal a, struct decimal b, enum decimal_rounding rounding,
                   struct decimal *ret_quotient);

/* a × b ÷ c with one rounding at the end (percentages, weighted averages). c = 0 is -EINVAL. */
int decimal_multiply_divide(struct decimal a, struct decimal b, struct decimal c,
                            enum decimal_rounding rounding, struct decimal *ret_result);

/* Whether value is a whole multiple of step; step > 0 (asserted). */
bool decimal_is_multiple(struct decimal value, struct decimal step);

#endif
