/* SPDX-License-Identifier: Apache-2.0 */
/* The static rules of an instrument, each at its edges, and all together. */
#include "services/validator/validate.h"

#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"

/* tick 0.01, lot 10 */
static const struct instrument aapl = {"AAPL", true, {1000000}, {10 * DECIMAL_ONE}};
static const struct instrument dark = {"DARK", false, {1000000}, {10 * DECIMAL_ONE}};

static struct decimal parse(const char *text)
{
    struct decimal value = decimal_zero();

    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0, "'%s'", text);
    return value;
}

struct validate_case {
    const char *name;
    const struct instrument *instrument;
    enum side side;
    enum order_type type;
    const char *quantity;
    const char *price; /* NULL: none */
    const char *stop_loss;
    const char *take_profit;
    const char *faults; /* "CODE field limit actual; …" in order */
};

static struct order_request make_order(const struct validate_case *c)
{
    struct order_request order = {.symbol = "AAPL",
                                  .side = c->side,
                                  .order_type = c->type,
                                  .time_in_force = TIME_IN_FORCE_DAY,
                                  .quantity = parse(c->quantity),
                                  .has_price = c->price != NULL,
                                  .has_stop_loss = c->stop_loss != NULL,
                                  .has_take_profit = c->take_profit != NULL};

    order.price = parse(c->price != NULL ? c->price : "0");
    order.stop_loss = parse(c->stop_loss != NULL ? c->stop_loss : "0");
    order.take_profit = parse(c->take_profit != NULL ? c->take_profit : "0");
    return order;
}

static void check_case(const struct validate_case *c)
{
    static struct fault faults[VALIDATE_FAULTS_MAX];
    CLEANUP(buffer_release) struct buffer found = BUFFER_INIT(0);
    struct order_request order = make_order(c);

    size_t count = validate_order(c->instrument, &order, faults);
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(&found, "%s%s %s %s %s", i > 0 ? "; " : "",
                             reject_text((enum reject_code)faults[i].code), faults[i].field,
                             faults[i].limit[0] != '\0' ? faults[i].limit : "-",
                             faults[i].actual[0] != '\0' ? faults[i].actual : "-");
        cr_expect_gt(strlen(faults[i].message), 20, "%s: the sentence is missing", c->name);
        cr_expect_eq(faults[i].message[strlen(faults[i].message) - 1], '.', "%s: %s", c->name,
                     faults[i].message);
    }
    buffer_append(&found, "", 0);
    const char *text = count > 0 ? found.data : "";
    cr_expect_str_eq(text, c->faults, "%s: [%s], not [%s]", c->name, text, c->faults);
}

#define BUY    SIDE_BUY
#define SELL   SIDE_SELL
#define MARKET ORDER_TYPE_MARKET
#define LIMIT  ORDER_TYPE_LIMIT
#define STOP   ORDER_TYPE_STOP
#define CHECK(all)                                                                                           \
    for (size_t i = 0; i < ARRAY_LEN(all); i++)                                                              \
    check_case(&(all)[i])

Test(validate, orders_within_every_rule_pass)
{
    static const struct validate_case cases[] = {
        {"market", &aapl, BUY, MARKET, "10", NULL, NULL, NULL, ""},
        {"market with a reference", &aapl, BUY, MARKET, "100", "150.50", "145", "160", ""},
        {"limit", &aapl, SELL, LIMIT, "20", "0.01", NULL, NULL, ""},
        {"stop", &aapl, SELL, STOP, "20", "150", "150.01", "149.99", ""},
        {"a reference between two ticks", &aapl, BUY, MARKET, "10", "150.505", NULL, NULL, ""},
        {"sides of a bracket are the risk-manager's", &aapl, BUY, LIMIT, "10", "150", "9999", "0.01", ""},
    };
    CHECK(cases);
}

Test(validate, symbol_must_exist_and_be_tradable)
{
    static const struct validate_case cases[] = {
        {"unknown", NULL, BUY, MARKET, "10", NULL, NULL, NULL, "UNKNOWN_SYMBOL /symbol - AAPL"},
        {"unknown has no tick and lot", NULL, BUY, LIMIT, "1.5", "0.00001", NULL, NULL,
         "UNKNOWN_SYMBOL /symbol - AAPL"},
        {"not tradable", &dark, BUY, MARKET, "10", NULL, NULL, NULL, "SYMBOL_NOT_TRADABLE /symbol - AAPL"},
    };
    CHECK(cases);
}

Test(validate, limit_and_stop_need_a_price)
{
    static const struct validate_case cases[] = {
        {"limit", &aapl, BUY, LIMIT, "10", NULL, NULL, NULL, "PRICE_REQUIRED /price - -"},
        {"stop", &aapl, BUY, STOP, "10", NULL, NULL, NULL, "PRICE_REQUIRED /price - -"},
    };
    CHECK(cases);
}

Test(validate, quantity_is_a_multiple_of_the_lot)
{
    static const struct validate_case cases[] = {
        {"below one lot", &aapl, BUY, MARKET, "1", NULL, NULL, NULL, "LOT_SIZE /quantity 10 1"},
        {"between two", &aapl, BUY, MARKET, "19", NULL, NULL, NULL, "LOT_SIZE /quantity 10 19"},
        {"by the last digit", &aapl, BUY, MARKET, "10.00000001", NULL, NULL, NULL,
         "LOT_SIZE /quantity 10 10.00000001"},
        {"the largest", &aapl, BUY, MARKET, "9999999999", NULL, NULL, NULL,
         "LOT_SIZE /quantity 10 9999999999"},
    };
    CHECK(cases);
}

Test(validate, prices_are_multiples_of_the_tick)
{
    static const struct validate_case cases[] = {
        {"price", &aapl, BUY, LIMIT, "10", "150.005", NULL, NULL, "TICK_SIZE /price 0.01 150.005"},
        {"trigger", &aapl, BUY, STOP, "10", "150.00000001", NULL, NULL, "TICK_SIZE /price 0.01 150.00000001"},
        {"below one tick", &aapl, BUY, LIMIT, "10", "0.001", NULL, NULL, "TICK_SIZE /price 0.01 0.001"},
        {"stop loss", &aapl, BUY, LIMIT, "10", "150", "149.999", NULL, "TICK_SIZE /stop_loss 0.01 149.999"},
        {"take profit", &aapl, BUY, LIMIT, "10", "150", NULL, "150.001",
         "TICK_SIZE /take_profit 0.01 150.001"},
    };
    CHECK(cases);
}

Test(validate, every_fault_is_named_at_once)
{
    static const struct validate_case cases[] = {
        {"all of one order", &dark, SELL, LIMIT, "7", "150.005", "149.001", "151.001",
         "SYMBOL_NOT_TRADABLE /symbol - AAPL; LOT_SIZE /quantity 10 7; TICK_SIZE /price 0.01 150.005; "
         "TICK_SIZE /stop_loss 0.01 149.001; TICK_SIZE /take_profit 0.01 151.001"},
        {"unknown and without a price", NULL, BUY, LIMIT, "7", NULL, "2", "1",
         "UNKNOWN_SYMBOL /symbol - AAPL; PRICE_REQUIRED /price - -"},
    };
    CHECK(cases);
}

Test(validate, the_sentence_names_the_nearest_multiples)
{
    static struct fault faults[VALIDATE_FAULTS_MAX];
    static const struct {
        const char *quantity;
        const char *ending;
    } cases[] = {
        {"19", "The quantity 19 is not a multiple of the lot size 10; send the nearest, 10 or 20."},
        {"3", "The quantity 3 is not a multiple of the lot size 10; send the nearest, 10."},
        /* the next one would be no decimal any more */
        {"92233720368.5",
         "The quantity 92233720368.5 is not a multiple of the lot size 10; send the nearest, 92233720360."},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_request order = {.symbol = "AAPL", .side = SIDE_BUY, .order_type = ORDER_TYPE_MARKET};
        order.quantity = parse(cases[i].quantity);
        cr_assert_eq(validate_order(&aapl, &order, faults), 1);
        cr_expect_str_eq(faults[0].message, cases[i].ending);
    }
}

Test(fault, texts_that_are_too_long_are_cut_at_a_character)
{
    struct fault faults[2];
    struct fault_list list = {.faults = faults, .max = ARRAY_LEN(faults)};
    char joined[32], long_text[600];

    for (size_t i = 0; i + 1 < sizeof(long_text); i += 2)
        memcpy(long_text + i, "\xc3\xa9", 2); /* é */
    long_text[sizeof(long_text) - 2] = '\0';
    fault_add(&list, REJECT_TICK_SIZE, "/price", long_text, NULL, "x%s", long_text);
    cr_expect_eq(strlen(faults[0].limit), 64);
    cr_expect_eq(strlen(faults[0].message), 383, "384 bytes would split a character");
    cr_expect_str_eq(faults[0].actual, "");

    list.count = 0;
    fault_add(&list, REJECT_TICK_SIZE, "", NULL, NULL, "First.");
    fault_add(&list, REJECT_LOT_SIZE, "", NULL, NULL, "Second, a longer sentence than fits.");
    fault_join_messages(faults, 2, joined, sizeof(joined));
    cr_expect_str_eq(joined, "First. Second, a longer sentenc");
    cr_expect(fault_has(faults, 2, REJECT_LOT_SIZE));
    cr_expect_not(fault_has(faults, 1, REJECT_LOT_SIZE));
}
