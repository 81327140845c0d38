/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision makes of the market's price: where a bracket may lie, how old the price may be, and in
 * which currency it is. */
#include "tests/unit/risk_support.h"

Test(risk_price, an_instrument_trades_in_the_accounts_currency)
{
    static const struct risk_case cases[] = {
        {"another", "BUY LIMIT 1 1", "CURRENCY_MISMATCH EUR USD", .currency = "EUR"},
        {"the other way round", "SELL MARKET 1", "CURRENCY_MISMATCH USD EUR", .held = "1",
         .instrument_currency = "EUR"},
        {"the same", "BUY LIMIT 1 1", "", "1", .currency = "EUR", .instrument_currency = "EUR"},
        {"no instrument", "BUY LIMIT 1 1", "", "1", .instrument_currency = ""},
    };
    CHECK(cases);
}

Test(risk_price, a_stale_price_refuses_what_trades_at_the_market_and_warns_the_rest)
{
    static struct risk_verdict verdict;
    static const struct {
        const char *order, *faults;
        int64_t age_us, max_us;
        size_t warnings;
    } cases[] = {
        {"BUY MARKET 1", "", 60000000, 60000000, 0},
        {"BUY MARKET 1", "STALE_PRICE 60 61", 60000001, 60000000, 0},
        {"SELL MARKET 1", "STALE_PRICE 60 3600", 3600000000, 60000000, 0},
        {"BUY STOP 1 95", "STALE_PRICE 60 61", 60000001, 60000000, 0},
        {"SELL STOP 1 105", "STALE_PRICE 60 61", 60000001, 60000000, 0},
        {"BUY STOP 1 105", "", 60000001, 60000000, 1},
        {"SELL STOP 1 95", "", 60000001, 60000000, 1},
        {"BUY LIMIT 1 95", "", 60000001, 60000000, 1},
        {"BUY LIMIT 1 105", "", 60000001, 60000000, 1},
        {"BUY LIMIT 1 105", "", 60000000, 60000000, 0},
        {"BUY MARKET 1", "", 3600000000, 0, 0},
        {"BUY LIMIT 1 95", "", 3600000000, 0, 0},
        {"BUY MARKET 1", "", -1000000, 60000000, 0},
    };
    const struct risk_case ordinary = {.held = "1"};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer found = BUFFER_INIT(0);
        struct order_request order = parse_order(cases[i].order);
        struct risk_account account = make_account(&ordinary);
        struct risk_position position = {.quantity = parse("1")};
        struct risk_market market = make_market(&ordinary);
        market.price_age_us = cases[i].age_us;
        market.price_age_max_us = cases[i].max_us;
        risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
        append_faults(&verdict, cases[i].order, &found);
        cr_expect_str_eq(found.data, cases[i].faults, "case %zu: %s", i, found.data);
        cr_expect_eq(verdict.warning_count, cases[i].warnings, "case %zu", i);
        if (verdict.warning_count > 0)
            cr_expect(verdict.warnings[0].code == REJECT_STALE_PRICE &&
                          strcmp(verdict.warnings[0].actual, "61") == 0 &&
                          strcmp(verdict.warnings[0].limit, "60") == 0,
                      "case %zu", i);
    }
}

/* At a last price of 150; "none" for none. */
Test(risk_price, a_bracket_embraces_the_price_at_which_its_entry_is_expected_to_trade)
{
    static struct risk_verdict verdict;
    static const struct {
        const char *name, *order, *stop_loss, *take_profit, *faults;
    } cases[] = {
        {"market, around", "BUY MARKET 1", "149.99999999", "150.00000001", ""},
        {"market, stop at it", "BUY MARKET 1", "150", NULL, "STOP_LOSS_SIDE 150 150"},
        {"market, stop far above", "BUY MARKET 1", "500", NULL, "STOP_LOSS_SIDE 150 500"},
        {"market, target far below", "BUY MARKET 1", NULL, "20", "TAKE_PROFIT_SIDE 150 20"},
        {"market, target at it", "BUY MARKET 1", NULL, "150", "TAKE_PROFIT_SIDE 150 150"},
        {"a market's reference is no measure", "BUY MARKET 1 600", "590", NULL, "STOP_LOSS_SIDE 150 590"},
        {"market, both", "BUY MARKET 1", "151", "149", "STOP_LOSS_SIDE 150 151; TAKE_PROFIT_SIDE 150 149"},
        {"sold at market, around", "SELL MARKET 1", "150.00000001", "149.99999999", ""},
        {"sold at market, stop below", "SELL MARKET 1 100", "120", NULL, "STOP_LOSS_SIDE 150 120"},
        {"sold at market, target above", "SELL MARKET 1", NULL, "151", "TAKE_PROFIT_SIDE 150 151"},
        {"a limit that rests, around", "BUY LIMIT 1 140", "139", "141", ""},
        {"a limit that rests, stop at it", "BUY LIMIT 1 140", "140", NULL, "STOP_LOSS_SIDE 140 140"},
        {"a limit that rests, target at it", "BUY LIMIT 1 140", NULL, "140", "TAKE_PROFIT_SIDE 140 140"},
        {"a limit that trades at once trades at 150", "BUY LIMIT 1 160", "155", NULL,
         "STOP_LOSS_SIDE 150 155"},
        {"but at 160 at worst", "BUY LIMIT 1 160", "149", "155", "TAKE_PROFIT_SIDE 160 155"},
        {"and around both", "BUY LIMIT 1 160", "149", "161", ""},
        {"sold by a limit that trades at once", "SELL LIMIT 1 140", "145", NULL, "STOP_LOSS_SIDE 150 145"},
        {"but at 140 at worst", "SELL LIMIT 1 140", "151", "145", "TAKE_PROFIT_SIDE 140 145"},
        {"sold by a limit that rests", "SELL LIMIT 1 160", "161", "159", ""},
        {"a stop, around its trigger", "BUY STOP 1 160", "155", "165", ""},
        {"a stop, beyond", "BUY STOP 1 160", "160", "160",
         "STOP_LOSS_SIDE 160 160; TAKE_PROFIT_SIDE 160 160"},
        {"a stop that is passed already", "BUY STOP 1 140", "145", "155", ""},
        {"a stop that is passed already, beyond", "BUY STOP 1 140", "139", "145", "TAKE_PROFIT_SIDE 150 145"},
        {"sold by a stop", "SELL STOP 1 140", "145", "135", ""},
        {"sold by a stop that is passed already", "SELL STOP 1 160", "155", "145", ""},
        {"sold by a stop that is passed already, beyond", "SELL STOP 1 160", "145", NULL,
         "STOP_LOSS_SIDE 150 145"},
        {"without a price, by each other", "BUY LIMIT 1", "101", "100",
         "PRICE_REQUIRED - -; STOP_LOSS_SIDE 100 101"},
        {"without a price, equal", "SELL LIMIT 1", "100", "100",
         "PRICE_REQUIRED - -; STOP_LOSS_SIDE 100 100"},
        {"without a price, around", "SELL LIMIT 1", "100.00000001", "100", "PRICE_REQUIRED - -"},
        {"without a price, one alone", "BUY LIMIT 1", "9999", NULL, "PRICE_REQUIRED - -"},
    };
    const struct risk_case ordinary = {.held = "1", .last = "150"};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer found = BUFFER_INIT(0);
        struct order_request order = parse_order(cases[i].order);
        struct risk_account account = make_account(&ordinary);
        struct risk_position position = {.quantity = parse("1")};
        struct risk_market market = make_market(&ordinary);
        order.has_stop_loss = cases[i].stop_loss != NULL;
        order.stop_loss = or_else(cases[i].stop_loss, "0");
        order.has_take_profit = cases[i].take_profit != NULL;
        order.take_profit = or_else(cases[i].take_profit, "0");
        risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
        append_faults(&verdict, cases[i].name, &found);
        cr_expect_str_eq(found.data, cases[i].faults, "%s: %s", cases[i].name, found.data);
    }
}
