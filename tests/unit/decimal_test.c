/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimals: the grammar, the bounds, and each rounding at its edges. */
#include "common/decimal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

struct parse_case {
    const char *text;
    int result;
    int64_t units;
};

static void check_parse(const struct parse_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct decimal value = {INT64_C(-424242)};
        int r = decimal_parse(cases[i].text, strlen(cases[i].text), &value);
        cr_expect_eq(r, cases[i].result, "'%s' gives %d", cases[i].text, r);
        int64_t wanted = cases[i].result == 0 ? cases[i].units : INT64_C(-424242);
        cr_expect_eq(value.units, wanted, "'%s' is %lld units", cases[i].text, (long long)value.units);
    }
}

Test(decimal, json_numbers_are_read_exactly)
{
    static const struct parse_case cases[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"0.0", 0, 0},
        {"1", 0, 100000000},
        {"1.5", 0, 150000000},
        {"-0.1", 0, -10000000},
        {"15e-1", 0, 150000000},
        {"1E2", 0, 10000000000},
        {"1e+2", 0, 10000000000},
        {"1.23e1", 0, 1230000000},
        {"0.00000001", 0, 1},
        {"-0.00000001", 0, -1},
        {"150.50", 0, 15050000000},
        {"1.000000000", 0, 100000000},
        {"1.0000000000000000000000000000000000", 0, 100000000},
        {"10e-9", 0, 1},
        {"100000000000e-10", 0, 1000000000},
        {"0.0000000000001e5", 0, 1},
        {"0e400", 0, 0},
        {"0.000e-99999999999999999999", 0, 0},
        {"0e99999999999999999999999999", 0, 0},
    };
    check_parse(cases, ARRAY_LEN(cases));
}

Test(decimal, the_whole_range_and_no_more_is_read)
{
    static const struct parse_case cases[] = {
        {"92233720368.54775807", 0, INT64_MAX},
        {"-92233720368.54775808", 0, INT64_MIN},
        {"92233720368.54775808", -ERANGE, 0},
        {"-92233720368.54775809", -ERANGE, 0},
        {"99999999999.99999999", -ERANGE, 0},
        {"100000000000", -ERANGE, 0},
        {"9999999999.99999999", 0, 999999999999999999},
        {"1e400", -ERANGE, 0},
        {"-1e400", -ERANGE, 0},
        {"1e99999999999999999999999999", -ERANGE, 0},
        {"1e-400", -EDOM, 0},
        {"1e-99999999999999999999999999", -EDOM, 0},
        {"0.000000001", -EDOM, 0},
        {"1.123456789", -EDOM, 0},
        {"1e-9", -EDOM, 0},
    };
    check_parse(cases, ARRAY_LEN(cases));
}

Test(decimal, what_is_no_json_number_is_refused)
{
    static const struct parse_case cases[] = {
        {"", -EINVAL, 0},      {"-", -EINVAL, 0},    {"+1", -EINVAL, 0},   {" 1", -EINVAL, 0},
        {"1 ", -EINVAL, 0},    {"01", -EINVAL, 0},   {"-01", -EINVAL, 0},  {"00", -EINVAL, 0},
        {".5", -EINVAL, 0},    {"5.", -EINVAL, 0},   {"1.e5", -EINVAL, 0}, {"1e", -EINVAL, 0},
        {"1e+", -EINVAL, 0},   {"1e5.", -EINVAL, 0}, {"NaN", -EINVAL, 0},  {"Infinity", -EINVAL, 0},
        {"0x10", -EINVAL, 0},  {"1,5", -EINVAL, 0},  {"--1", -EINVAL, 0},  {"1.2.3", -EINVAL, 0},
        {"1e5e5", -EINVAL, 0},
    };
    check_parse(cases, ARRAY_LEN(cases));
}

Test(decimal, a_nul_within_the_length_is_refused)
{
    struct decimal value;
    cr_expect_eq(decimal_parse("1\0", 2, &value), -EINVAL);
}

Test(decimal, text_is_canonical_and_reads_back)
{
    static const struct {
        int64_t units;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "0.00000001"},
        {-1, "-0.00000001"},
        {10, "0.0000001"},
        {100000000, "1"},
        {150000000, "1.5"},
        {-150050000, "-1.5005"},
        {100000001, "1.00000001"},
        {101000000, "1.01"},
        {10000000000, "100"},
        {15050000000, "150.5"},
        {INT64_MAX, "92233720368.54775807"},
        {INT64_MIN, "-92233720368.54775808"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[DECIMAL_TEXT_MAX];
        struct decimal back;
        size_t length = decimal_format(decimal_from_units(cases[i].units), text);
        cr_expect_str_eq(text, cases[i].text);
        cr_expect_eq(length, strlen(cases[i].text));
        cr_assert_eq(decimal_parse(text, length, &back), 0);
        cr_expect_eq(back.units, cases[i].units);
    }
}

Test(decimal, every_fraction_reads_back)
{
    for (int64_t units = 0; units < 2 * DECIMAL_ONE; units += 9973) {
        char text[DECIMAL_TEXT_MAX];
        struct decimal back;
        size_t length = decimal_format(decimal_from_units(units), text);
        cr_assert_eq(decimal_parse(text, length, &back), 0);
        cr_assert_eq(back.units, units, "%s", text);
    }
}

Test(decimal, sums_that_do_not_fit_are_refused)
{
    struct decimal result = {7};
    struct decimal most = {INT64_MAX}, least = {INT64_MIN}, one = {1};

    cr_expect_eq(decimal_add(most, one, &result), -ERANGE);
    cr_expect_eq(decimal_sub(least, one, &result), -ERANGE);
    cr_expect_eq(decimal_negate(least, &result), -ERANGE);
    cr_expect_eq(result.units, 7, "a failure leaves the result alone");
    cr_expect_eq(decimal_add(most, least, &result), 0);
    cr_expect_eq(result.units, -1);
    cr_expect_eq(decimal_negate(most, &result), 0);
    cr_expect_eq(result.units, -INT64_MAX);
}

enum operation { MULTIPLY, DIVIDE };

Test(decimal, products_and_quotients_round_as_told)
{
    static const struct {
        enum operation operation;
        int64_t a, b;
        int64_t floor, ceil, half_even;
    } cases[] = {
        /* 0.00000001 × 0.5: a tie, to even */
        {MULTIPLY, 1, 50000000, 0, 1, 0},
        {MULTIPLY, 3, 50000000, 1, 2, 2},
        {MULTIPLY, -1, 50000000, -1, 0, 0},
        {MULTIPLY, -3, 50000000, -2, -1, -2},
        {MULTIPLY, 1, 50000001, 0, 1, 1},
        {MULTIPLY, 1, 49999999, 0, 1, 0},
        {MULTIPLY, 15050000000, 10000000000, 1505000000000, 1505000000000, 1505000000000},
        /* 1 ÷ 3, 2 ÷ 3, -1 ÷ 3 */
        {DIVIDE, 100000000, 300000000, 33333333, 33333334, 33333333},
        {DIVIDE, 200000000, 300000000, 66666666, 66666667, 66666667},
        {DIVIDE, -100000000, 300000000, -33333334, -33333333, -33333333},
        {DIVIDE, 100000000, -300000000, -33333334, -33333333, -33333333},
        {DIVIDE, -100000000, -300000000, 33333333, 33333334, 33333333},
        {DIVIDE, 1, 200000000, 0, 1, 0},
        {DIVIDE, 3, 200000000, 1, 2, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct decimal a = {cases[i].a}, b = {cases[i].b};
        const int64_t wanted[] = {
            [DECIMAL_FLOOR] = cases[i].floor,
            [DECIMAL_CEIL] = cases[i].ceil,
            [DECIMAL_HALF_EVEN] = cases[i].half_even,
        };
        for (int rounding = DECIMAL_FLOOR; rounding <= DECIMAL_HALF_EVEN; rounding++) {
            struct decimal result;
            int r = cases[i].operation == MULTIPLY
                        ? decimal_multiply(a, b, (enum decimal_rounding)rounding, &result)
                        : decimal_divide(a, b, (enum decimal_rounding)rounding, &result);
            cr_assert_eq(r, 0);
            cr_expect_eq(result.units, wanted[rounding], "case %zu rounding %d is %lld", i, rounding,
                         (long long)result.units);
        }
    }
}

Test(decimal, products_that_do_not_fit_are_refused)
{
    struct decimal result = {7};
    struct decimal most = {INT64_MAX}, least = {INT64_MIN}, one = {DECIMAL_ONE}, tiny = {1};

    cr_expect_eq(decimal_multiply(most, most, DECIMAL_FLOOR, &result), -ERANGE);
    cr_expect_eq(decimal_multiply(least, least, DECIMAL_FLOOR, &result), -ERANGE);
    cr_expect_eq(decimal_multiply(least, decimal_from_units(-DECIMAL_ONE), DECIMAL_FLOOR, &result), -ERANGE);
    cr_expect_eq(decimal_divide(most, tiny, DECIMAL_FLOOR, &result), -ERANGE);
    cr_expect_eq(decimal_divide(one, decimal_zero(), DECIMAL_FLOOR, &result), -EINVAL);
    cr_expect_eq(decimal_multiply_divide(one, one, decimal_zero(), DECIMAL_FLOOR, &result), -EINVAL);
    cr_expect_eq(result.units, 7);
    cr_expect_eq(decimal_multiply(most, one, DECIMAL_CEIL, &result), 0);
    cr_expect_eq(result.units, INT64_MAX);
}

Test(decimal, multiply_divide_rounds_once)
{
    struct decimal result;

    /* 10 × 1 ÷ 3 × … in two steps would lose the last digits: 2 × 1 ÷ 3 is 0.66666667, not 2 × 0.33333333. */
    cr_assert_eq(decimal_multiply_divide(decimal_from_units(1), decimal_from_units(50000000),
                                         decimal_from_units(50000000), DECIMAL_FLOOR, &result),
                 0);
    cr_expect_eq(result.units, 1, "through multiply first it would be 0");
    cr_assert_eq(decimal_multiply_divide(decimal_from_units(INT64_MAX), decimal_from_units(INT64_MAX),
                                         decimal_from_units(INT64_MAX), DECIMAL_HALF_EVEN, &result),
                 0);
    cr_expect_eq(result.units, INT64_MAX, "the product may be wider than the result");
}

Test(decimal, multiples_of_a_step_are_recognised)
{
    cr_expect(decimal_is_multiple(decimal_from_units(15050000000), decimal_from_units(1000000)));
    cr_expect(decimal_is_multiple(decimal_zero(), decimal_from_units(1)));
    cr_expect(decimal_is_multiple(decimal_from_units(-300), decimal_from_units(100)));
    cr_expect_not(decimal_is_multiple(decimal_from_units(15050500000), decimal_from_units(1000000)));
    cr_expect_not(decimal_is_multiple(decimal_from_units(-301), decimal_from_units(100)));
}
