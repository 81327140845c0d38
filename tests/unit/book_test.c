/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's order book: named facts. tests/unit/sim_model_test.c
 * compares it with a slow and obvious model. */
#include "services/exchange-sim/core/book.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"

static const struct liquidity no_quotes = {.price = {100 * DECIMAL_ONE}, .tick = {DECIMAL_ONE}};
static const struct liquidity quotes = {.price = {100 * DECIMAL_ONE},
                                        .tick = {DECIMAL_ONE},
                                        .level_quantity = {10 * DECIMAL_ONE},
                                        .levels = 3,
                                        .spread_ticks = 2};

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static struct book *book;
static struct book_fill fills[BOOK_FILLS_MAX];

static void create(void)
{
    cr_assert_eq(book_create(&book), 0);
}

static void destroy(void)
{
    book_destroy(&book);
}

static uint32_t add(enum book_ladder ladder, uint64_t order, int64_t price, int64_t quantity)
{
    uint32_t handle = 0;
    cr_assert_eq(book_add(book, ladder, order, whole(price), whole(quantity), &handle), 0);
    cr_assert_neq(handle, 0);
    return handle;
}

/* "order:quantity@price" for each fill, and what is left. */
static void expect_match(const struct liquidity *liquidity, bool buy, int64_t limit, int64_t quantity,
                         const char *wanted)
{
    char text[1024] = "";
    struct decimal left;
    size_t count = book_match(book, liquidity, buy, whole(limit), whole(quantity), fills, &left), at = 0;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%llu:%lld@%lld ",
                               (unsigned long long)fills[i].order,
                               (long long)(fills[i].quantity.units / DECIMAL_ONE),
                               (long long)(fills[i].price.units / DECIMAL_ONE));
    (void)snprintf(text + at, sizeof(text) - at, "left %lld", (long long)(left.units / DECIMAL_ONE));
    cr_expect_str_eq(text, wanted);
}

TestSuite(book, .init = create, .fini = destroy);

Test(book, the_better_price_goes_first)
{
    add(BOOK_ASKS, 1, 103, 5);
    add(BOOK_ASKS, 2, 101, 5);
    add(BOOK_ASKS, 3, 102, 5);
    expect_match(&no_quotes, true, 0, 12, "2:5@101 3:5@102 1:2@103 left 0");
    add(BOOK_BIDS, 4, 97, 5);
    add(BOOK_BIDS, 5, 99, 5);
    add(BOOK_BIDS, 6, 98, 5);
    expect_match(&no_quotes, false, 0, 12, "5:5@99 6:5@98 4:2@97 left 0");
}

Test(book, within_a_price_the_earlier_order_goes_first)
{
    add(BOOK_ASKS, 1, 101, 5);
    add(BOOK_ASKS, 2, 101, 5);
    add(BOOK_ASKS, 3, 101, 5);
    expect_match(&no_quotes, true, 0, 7, "1:5@101 2:2@101 left 0");
    expect_match(&no_quotes, true, 0, 7, "2:3@101 3:4@101 left 0");
}

Test(book, a_limit_is_never_passed)
{
    add(BOOK_ASKS, 1, 101, 5);
    add(BOOK_ASKS, 2, 102, 5);
    add(BOOK_ASKS, 3, 103, 5);
    expect_match(&no_quotes, true, 102, 20, "1:5@101 2:5@102 left 10");
    expect_match(&no_quotes, true, 102, 1, "left 1");
    add(BOOK_BIDS, 4, 99, 5);
    expect_match(&no_quotes, false, 100, 5, "left 5");
    expect_match(&no_quotes, false, 99, 5, "4:5@99 left 0");
}

Test(book, clients_go_before_quotes_of_the_same_price)
{
    add(BOOK_ASKS, 1, 101, 4);
    add(BOOK_ASKS, 2, 102, 4);
    expect_match(&quotes, true, 0, 20, "1:4@101 0:10@101 2:4@102 0:2@102 left 0");
}

Test(book, quotes_are_whole_again_after_every_match)
{
    expect_match(&quotes, true, 0, 15, "0:10@101 0:5@102 left 0");
    expect_match(&quotes, true, 0, 15, "0:10@101 0:5@102 left 0");
    expect_match(&quotes, false, 0, 15, "0:10@99 0:5@98 left 0");
}

Test(book, an_order_of_any_size_finds_enough_quotes)
{
    struct decimal left;
    size_t count = book_match(book, &quotes, true, whole(0), decimal_from_units(INT64_MAX), fills, &left);
    cr_expect_eq(left.units, 0);
    cr_expect_lt(count, LIQUIDITY_LEVELS_MAX);
    for (size_t i = 1; i < count; i++)
        cr_expect_gt(fills[i].price.units, fills[i - 1].price.units, "prices only worsen");
}

Test(book, a_removed_order_is_never_met)
{
    uint32_t first = add(BOOK_ASKS, 1, 101, 5), second = add(BOOK_ASKS, 2, 101, 5),
             third = add(BOOK_ASKS, 3, 101, 5);
    book_remove(book, second);
    expect_match(&no_quotes, true, 0, 6, "1:5@101 3:1@101 left 0");
    book_remove(book, third);
    expect_match(&no_quotes, true, 0, 6, "left 6");
    (void)first;
}

Test(book, a_reduced_order_keeps_its_place)
{
    uint32_t first = add(BOOK_BIDS, 1, 99, 10);
    add(BOOK_BIDS, 2, 99, 10);
    book_reduce(book, first, whole(3));
    expect_match(&no_quotes, false, 0, 5, "1:3@99 2:2@99 left 0");
}

Test(book, one_call_makes_a_bounded_number_of_fills)
{
    struct decimal left;
    for (uint64_t order = 1; order <= BOOK_FILLS_MAX + 10; order++)
        add(BOOK_ASKS, order, 101, 1);
    cr_expect_eq(book_match(book, &no_quotes, true, whole(0), whole(BOOK_FILLS_MAX + 10), fills, &left),
                 BOOK_FILLS_MAX);
    cr_expect_eq(left.units, whole(10).units);
}

Test(book, what_needs_more_fills_than_one_call_makes_cannot_fill)
{
    for (uint64_t order = 1; order <= BOOK_FILLS_MAX + 10; order++)
        add(BOOK_ASKS, order, 101, 1);
    cr_expect(book_can_fill(book, &no_quotes, true, whole(0), whole(BOOK_FILLS_MAX)));
    cr_expect_not(book_can_fill(book, &no_quotes, true, whole(0), whole(BOOK_FILLS_MAX + 1)));
}

Test(book, one_call_crosses_a_bounded_number_of_orders_and_the_next_the_rest)
{
    for (uint64_t order = 1; order <= BOOK_FILLS_MAX + 10; order++)
        add(BOOK_BIDS, order, 101, 1);
    cr_expect_eq(book_cross(book, &quotes, fills), BOOK_FILLS_MAX);
    cr_expect_eq(book_cross(book, &quotes, fills), 10);
    cr_expect_eq(fills[9].order, BOOK_FILLS_MAX + 10);
}

Test(book, any_number_of_prices_stays_sorted)
{
    enum { PRICES = 1000, STEP = 389 /* no divisor in common: every price once, in no order */ };
    for (int64_t i = 0; i < PRICES; i++)
        add(BOOK_ASKS, (uint64_t)i + 1, 1 + i * STEP % PRICES, 1);
    for (size_t i = 0; i < PRICES; i++) {
        struct book_level level;
        cr_assert(book_level_at(book, BOOK_ASKS, i, &level));
        cr_expect_eq(level.price.units, whole((int64_t)i + 1).units);
    }
}

/* The address space may grow by so much only; under a sanitizer it is the sanitizer's. */
static void limit_memory(size_t more)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%zu", &pages), 1);
    (void)fclose(file);
    rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}), 0);
}

Test(book, an_order_for_which_there_is_no_memory_is_refused_and_changes_nothing)
{
    uint32_t handle = 0;
    uint64_t order = 0;
    int error = 0;
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the sanitizer has the address space");
#endif
    limit_memory(32 * 1024 * 1024);
    for (; error == 0 && order < BOOK_ORDERS_MAX; order++)
        error = book_add(book, BOOK_ASKS, order + 1, whole(101), whole(1), &handle);
    cr_expect_eq(error, -ENOMEM);
    struct book_level level;
    cr_assert(book_level_at(book, BOOK_ASKS, 0, &level));
    cr_expect_eq(level.orders, order - 1);
    expect_match(&no_quotes, true, 0, 2, "1:1@101 2:1@101 left 0");
    cr_expect_eq(book_add(book, BOOK_ASKS, order, whole(101), whole(1), &handle), 0,
                 "there is a place again");
}

Test(book, a_book_takes_its_bound_of_orders_and_one_more_when_one_has_left)
{
    uint32_t handle = 0, untouched = 7;
    for (uint64_t order = 1; order <= BOOK_ORDERS_MAX; order++)
        cr_assert_eq(book_add(book, BOOK_BIDS, order, whole(99), whole(1), &handle), 0);
    uint64_t further = BOOK_ORDERS_MAX + 1;
    cr_expect_eq(book_add(book, BOOK_ASKS, further, whole(101), whole(1), &untouched), -ENOBUFS);
    cr_expect_eq(untouched, 7);
    book_remove(book, handle);
    cr_expect_eq(book_add(book, BOOK_ASKS, further, whole(101), whole(1), &handle), 0);
    cr_expect_eq(book_add(book, BOOK_ASKS, further + 1, whole(101), whole(1), &untouched), -ENOBUFS);
}

Test(book, nothing_is_no_book_to_destroy)
{
    struct book *none = NULL;
    book_destroy(&none);
    cr_expect_null(none);
}

Test(book, can_fill_says_what_a_match_would_do)
{
    add(BOOK_ASKS, 1, 101, 5);
    add(BOOK_ASKS, 2, 101, 5);
    add(BOOK_ASKS, 3, 103, 5);
    static const struct {
        int64_t limit, quantity;
        bool can;
    } cases[] = {{0, 15, true},    {0, 16, false},  {101, 10, true}, {101, 11, false},
                 {102, 11, false}, {103, 15, true}, {100, 1, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(book_can_fill(book, &no_quotes, true, whole(cases[i].limit), whole(cases[i].quantity)),
                     cases[i].can, "case %zu", i);
    cr_expect(book_can_fill(book, &quotes, true, whole(102), whole(30)), "5 + 5 + 10 at 101, 10 at 102");
    cr_expect_not(book_can_fill(book, &quotes, true, whole(102), whole(31)));
}

Test(book, orders_that_the_quotes_reach_are_filled_at_their_own_price)
{
    add(BOOK_BIDS, 1, 101, 50); /* the ask is 101 */
    add(BOOK_BIDS, 2, 105, 7);
    add(BOOK_BIDS, 3, 100, 7); /* not reached */
    add(BOOK_ASKS, 4, 99, 3);
    size_t count = book_cross(book, &quotes, fills);
    cr_assert_eq(count, 3);
    static const struct {
        uint64_t order;
        int64_t quantity, price;
    } wanted[] = {{2, 7, 105}, {1, 50, 101}, {4, 3, 99}};
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(fills[i].order, wanted[i].order);
        cr_expect_eq(fills[i].quantity.units, whole(wanted[i].quantity).units);
        cr_expect_eq(fills[i].price.units, whole(wanted[i].price).units);
    }
    cr_expect_eq(book_cross(book, &quotes, fills), 0);
}

Test(book, without_quotes_nothing_is_crossed)
{
    add(BOOK_BIDS, 1, 200, 50);
    cr_expect_eq(book_cross(book, &no_quotes, fills), 0);
}

Test(book, stops_trigger_when_their_price_is_reached_and_in_order)
{
    add(BOOK_STOP_BUYS, 1, 105, 1);
    add(BOOK_STOP_BUYS, 2, 103, 1);
    add(BOOK_STOP_BUYS, 3, 103, 1);
    add(BOOK_STOP_SELLS, 4, 95, 1);
    add(BOOK_STOP_SELLS, 5, 97, 1);
    cr_expect_eq(book_trigger(book, whole(100)), 0);
    cr_expect_eq(book_trigger(book, whole(104)), 2);
    cr_expect_eq(book_trigger(book, whole(104)), 3);
    cr_expect_eq(book_trigger(book, whole(104)), 0);
    cr_expect_eq(book_trigger(book, whole(105)), 1);
    cr_expect_eq(book_trigger(book, whole(97)), 5);
    cr_expect_eq(book_trigger(book, whole(95)), 4);
    cr_expect_eq(book_trigger(book, whole(1)), 0);
}

Test(book, levels_are_shown_from_the_best)
{
    struct book_level level;
    add(BOOK_BIDS, 1, 98, 5);
    add(BOOK_BIDS, 2, 99, 5);
    add(BOOK_BIDS, 3, 99, 6);
    cr_assert(book_level_at(book, BOOK_BIDS, 0, &level));
    cr_expect_eq(level.price.units, whole(99).units);
    cr_expect_eq(level.quantity.units, whole(11).units);
    cr_expect_eq(level.orders, 2);
    cr_assert(book_level_at(book, BOOK_BIDS, 1, &level));
    cr_expect_eq(level.price.units, whole(98).units);
    cr_expect_not(book_level_at(book, BOOK_BIDS, 2, &level));
}

Test(book, a_level_shows_no_more_than_the_largest_decimal)
{
    struct book_level level;
    uint32_t handle = 0;
    for (uint64_t order = 1; order <= 2; order++)
        cr_assert_eq(book_add(book, BOOK_BIDS, order, whole(98), decimal_from_units(INT64_MAX), &handle), 0);
    cr_assert(book_level_at(book, BOOK_BIDS, 0, &level));
    cr_expect_eq(level.quantity.units, INT64_MAX);
    cr_expect_eq(level.orders, 2);
}
