/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, their derivation, and the fingerprint of an order. */
#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/idempotency.h"

static struct order_request order(void)
{
    struct order_request made = {
        .symbol = "AAPL",
        .side = SIDE_BUY,
        .quantity = {INT64_C(10000000000)},
        .order_type = ORDER_TYPE_LIMIT,
        .time_in_force = TIME_IN_FORCE_DAY,
        .has_price = true,
        .price = {INT64_C(15050000000)},
        .received_at = {INT64_C(1760702465000001)},
    };
    cr_assert_eq(uuid_parse("0199f0a5-7d0c-7000-8000-000000000001", 36, &made.trader_id), 0);
    return made;
}

Test(idempotency, keys_are_1_to_128_visible_ascii_characters)
{
    static const struct {
        const char *key;
        bool valid;
    } cases[] = {
        {"a", true},     {"!~", true},     {"", false},         {" ", false},   {"a b", false},
        {"a\tb", false}, {"a\x7f", false}, {"\xc3\xa9", false}, {"a\n", false}, {"0199f0a5:x", true},
    };
    char long_key[130];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(idempotency_key_is_valid(cases[i].key, strlen(cases[i].key)), cases[i].valid, "'%s'",
                     cases[i].key);
    memset(long_key, 'k', sizeof(long_key));
    cr_expect(idempotency_key_is_valid(long_key, 128));
    cr_expect_not(idempotency_key_is_valid(long_key, 129));
    cr_expect_not(idempotency_key_is_valid("a\0b", 3));
}

Test(idempotency, a_stamp_is_never_given_twice)
{
    static const struct {
        int64_t now, stamp;
    } cases[] = {{100, 100}, {100, 101}, {50, 102}, {103, 103}, {103, 104}, {200, 200}};
    struct idempotency_clock clock = {0};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(idempotency_stamp(&clock, (struct instant){cases[i].now}).us, cases[i].stamp, "case %zu",
                     i);
}

Test(idempotency, the_derived_key_names_the_order_and_its_time)
{
    struct order_request made = order();
    char key[IDEMPOTENT_KEY_MAX];

    idempotency_derive_key(&made, key);
    cr_expect_str_eq(key,
                     "0199f0a5-7d0c-7000-8000-000000000001:AAPL:100:150.5:2025-10-17T12:01:05.000001Z:v1");
    made.has_price = false;
    idempotency_derive_key(&made, key);
    cr_expect_str_eq(key, "0199f0a5-7d0c-7000-8000-000000000001:AAPL:100:-:2025-10-17T12:01:05.000001Z:v1");
}

Test(idempotency, the_longest_derived_key_is_a_valid_key)
{
    struct order_request made = order();
    char key[IDEMPOTENT_KEY_MAX];

    strcpy(made.symbol, "ABCDEFGHIJKLMNOP");
    made.quantity.units = made.price.units = INT64_C(999999999999999999);
    idempotency_derive_key(&made, key);
    cr_expect_eq(strlen(key), 124u, "%s", key);
    cr_expect(idempotency_key_is_valid(key, strlen(key)));
}

enum change { NOTHING, SYMBOL, SIDE, QUANTITY, TYPE, TIF, PRICE, NO_PRICE, STOP_LOSS, TAKE_PROFIT, CHANGES };

static struct order_request changed(enum change change)
{
    struct order_request made = order();

    switch (change) {
    case SYMBOL:
        strcpy(made.symbol, "AAPM");
        break;
    case SIDE:
        made.side = SIDE_SELL;
        break;
    case QUANTITY:
        made.quantity.units++;
        break;
    case TYPE:
        made.order_type = ORDER_TYPE_STOP;
        break;
    case TIF:
        made.time_in_force = TIME_IN_FORCE_GTC;
        break;
    case PRICE:
        made.price.units++;
        break;
    case NO_PRICE:
        made.has_price = false;
        break;
    case STOP_LOSS:
        made.has_stop_loss = true;
        made.stop_loss.units = 5;
        break;
    case TAKE_PROFIT:
        made.has_take_profit = true;
        made.take_profit.units = 5;
        break;
    case NOTHING:
    case CHANGES:
        break;
    }
    return made;
}

Test(idempotency, whatever_the_trader_changes_changes_the_fingerprint)
{
    uint8_t prints[CHANGES][IDEMPOTENCY_FINGERPRINT_BYTES];

    for (int i = 0; i < CHANGES; i++) {
        struct order_request made = changed((enum change)i);
        idempotency_fingerprint(&made, prints[i]);
        for (int j = 0; j < i; j++)
            cr_expect_neq(memcmp(prints[i], prints[j], sizeof(prints[i])), 0, "changes %d and %d", i, j);
    }
}

Test(idempotency, what_the_trader_does_not_say_is_not_in_the_fingerprint)
{
    struct order_request a = order(), b = order();
    uint8_t first[IDEMPOTENCY_FINGERPRINT_BYTES], second[IDEMPOTENCY_FINGERPRINT_BYTES];

    b.received_at.us += 5;
    b.order_id.bytes[0] = 1;
    b.handle = 7;
    /* What an absent member left behind is no part of the order either. */
    b.stop_loss.units = 99;
    idempotency_fingerprint(&a, first);
    idempotency_fingerprint(&b, second);
    cr_expect_eq(memcmp(first, second, sizeof(first)), 0);
}
