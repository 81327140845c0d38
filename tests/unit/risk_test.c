/* SPDX-License-Identifier: Apache-2.0 */
/* Each risk rule at its limit and one unit past it, what an
 * order reserves, and what the next one of a batch sees. */
#include "tests/unit/risk_support.h"

__extension__ typedef __int128 wide;

Test(risk, a_buy_reserves_by_its_type)
{
    static const struct risk_case cases[] = {
        {"limit: its price", "BUY LIMIT 10 90", "", "900"},
        {"stop: trigger and collar", "BUY STOP 10 110", "", "1155"},
        {"stop that is passed already: last price and collar", "BUY STOP 10 95", "", "1050"},
        {"market: last price and collar", "BUY MARKET 10", "", "1050"},
        {"market: a reference price is not asked", "BUY MARKET 10 500", "", "1050"},
        {"rounded up", "BUY LIMIT 0.00000003 0.5", "", "0.00000002"},
        {"the collar is rounded up", "BUY MARKET 1", "", "0.00000002", .last = "0.00000001"},
    };
    CHECK(cases);
}

Test(risk, buying_power_may_be_used_up_exactly)
{
    static const struct risk_case cases[] = {
        {"exactly", "BUY LIMIT 10 100", "", "1000", .cash = "1000"},
        {"one unit short", "BUY LIMIT 10 100", "INSUFFICIENT_BUYING_POWER 999.99999999 1000",
         .cash = "999.99999999"},
        {"less what is reserved", "BUY LIMIT 10 100", "", "1000", .cash = "3000", .already_reserved = "2000"},
        {"one unit more reserved", "BUY LIMIT 10 100", "INSUFFICIENT_BUYING_POWER 999.99999999 1000",
         .cash = "3000", .already_reserved = "2000.00000001"},
        {"market at last price and collar", "BUY MARKET 10", "", "1050", .cash = "1050"},
        {"market one unit short", "BUY MARKET 10", "INSUFFICIENT_BUYING_POWER 1049.99999999 1050",
         .cash = "1049.99999999"},
        {"stop at trigger and collar", "BUY STOP 10 110", "INSUFFICIENT_BUYING_POWER 1154.99999999 1155",
         .cash = "1154.99999999"},
        {"stop that is passed already", "BUY STOP 10 95", "INSUFFICIENT_BUYING_POWER 1049.99999999 1050",
         .cash = "1049.99999999"},
        {"a debt", "BUY LIMIT 1 1", "INSUFFICIENT_BUYING_POWER -5 1", .cash = "-5"},
        {"selling needs none", "SELL MARKET 10", "", .cash = "-5", .held = "10"},
    };
    CHECK(cases);
}

Test(risk, only_what_is_held_and_free_may_be_sold)
{
    static const struct risk_case cases[] = {
        {"all", "SELL MARKET 10", "", .held = "10"},
        {"one unit more", "SELL MARKET 10.00000001", "INSUFFICIENT_POSITION 10 10.00000001", .held = "10"},
        {"what open SELLs leave", "SELL LIMIT 4 100", "", .held = "10", .open_sell = "6"},
        {"one unit more than they leave", "SELL LIMIT 4.00000001 100", "INSUFFICIENT_POSITION 4 4.00000001",
         .held = "10", .open_sell = "6"},
        {"open BUYs are not held yet", "SELL MARKET 1", "INSUFFICIENT_POSITION 0 1", .open_buy = "10"},
        {"nothing is left below zero", "SELL MARKET 1", "INSUFFICIENT_POSITION 0 1", .held = "-5"},
    };
    CHECK(cases);
}

/* At 100 with 5 % collar: a MARKET reserves 105 × 150 % − 100 = 57.5 per unit. */
Test(risk, opening_a_short_reserves_its_margin_beyond_the_proceeds)
{
    static const struct risk_case cases[] = {
        {"within the holding", "SELL MARKET 10", "", .held = "10", .short_selling = true, .cash = "0"},
        {"beyond", "SELL MARKET 12", "", "115", .held = "10", .short_selling = true, .cash = "115"},
        {"beyond, one unit short", "SELL MARKET 12", "INSUFFICIENT_BUYING_POWER 114.99999999 115",
         .held = "10", .short_selling = true, .cash = "114.99999999"},
        {"open SELLs come first", "SELL MARKET 12", "", "460", .held = "10", .open_sell = "6",
         .short_selling = true},
        {"already short", "SELL MARKET 2", "", "115", .held = "-10", .short_selling = true},
        {"a limit above the market: its price", "SELL LIMIT 2 200", "", "200", .short_selling = true},
        {"a limit at the market: no collar", "SELL LIMIT 2 100", "", "100", .short_selling = true},
        {"a limit below: margin at the last price, proceeds at the limit", "SELL LIMIT 2 90", "", "120",
         .short_selling = true},
        {"a trigger below: margin at the last price and collar", "SELL STOP 2 90", "", "135",
         .short_selling = true},
        {"a trigger that is passed already: the last price", "SELL STOP 2 110", "", "115",
         .short_selling = true},
        {"another margin", "SELL MARKET 2", "", "220", .short_selling = true, .margin_pct = "200"},
        {"all of it is in the proceeds", "SELL LIMIT 2 100", "", "0", .short_selling = true, .cash = "0",
         .margin_pct = "100"},
        {"off: not even one unit beyond", "SELL MARKET 10.00000001", "INSUFFICIENT_POSITION 10 10.00000001",
         .held = "10"},
        {"on: one unit beyond costs one unit", "SELL MARKET 10.00000001", "", "0.00000058", .held = "10",
         .short_selling = true, .cash = "0.00000058"},
        {"on: one unit beyond, one unit short", "SELL MARKET 10.00000001",
         "INSUFFICIENT_BUYING_POWER 0.00000057 0.00000058", .held = "10", .short_selling = true,
         .cash = "0.00000057"},
        {"off: nothing held", "SELL MARKET 0.00000001", "INSUFFICIENT_POSITION 0 0.00000001"},
        {"open SELLs beyond the holding count once", "SELL MARKET 1", "", "57.5", .held = "10",
         .open_sell = "16", .short_selling = true},
    };
    CHECK(cases);
}

Test(risk, what_reduces_a_position_needs_no_buying_power)
{
    static const struct risk_case cases[] = {
        {"covering", "BUY LIMIT 10 90", "", .held = "-10", .cash = "-5"},
        {"covering at any price", "BUY MARKET 10", "", .held = "-10", .cash = "0", .last = "100000"},
        {"covering a part", "BUY STOP 4 110", "", .held = "-10", .cash = "0", .margin = "1500"},
        {"beyond, only that pays", "BUY LIMIT 12 90", "", "180", .held = "-10", .cash = "180"},
        {"beyond, one unit short", "BUY LIMIT 12 90", "INSUFFICIENT_BUYING_POWER 179.99999999 180",
         .held = "-10", .cash = "179.99999999"},
        {"what open BUYs cover is not covered again", "BUY LIMIT 10 90", "", "540", .held = "-10",
         .open_buy = "6", .cash = "540"},
        {"not even by one unit", "BUY LIMIT 10 90", "INSUFFICIENT_BUYING_POWER 539.99999999 540",
         .held = "-10", .open_buy = "6", .cash = "539.99999999"},
        {"selling what is held", "SELL MARKET 10", "", .held = "10", .cash = "-5", .margin = "5"},
        {"beside a leg that covers", "BUY MARKET 10", "", .held = "-10", .open_buy = "10", .cash = "0",
         .open_has_paid = true},
        {"beside a leg that sells", "SELL MARKET 12", "", "115", .held = "10", .open_sell = "10",
         .short_selling = true, .open_has_paid = true},
        {"where nothing can be counted", "BUY LIMIT 1 90", "", .held = "-10", .cash = "-90000000000",
         .already_reserved = "90000000000"},
        {"with an unknown margin", "BUY LIMIT 10 90", "", .held = "-10", .unpriced = "DARK"},
    };
    CHECK(cases);
}

Test(risk, margin_is_no_buying_power)
{
    static const struct risk_case cases[] = {
        {"exactly", "BUY LIMIT 10 100", "", "1000", .cash = "3500", .already_reserved = "1000",
         .margin = "1500"},
        {"one unit less", "BUY LIMIT 10 100", "INSUFFICIENT_BUYING_POWER 999.99999999 1000", .cash = "3500",
         .already_reserved = "1000", .margin = "1500.00000001"},
        {"for a short likewise", "SELL MARKET 2", "INSUFFICIENT_BUYING_POWER 114.99999999 115",
         .cash = "1614.99999999", .margin = "1500", .held = "-10", .short_selling = true},
        {"that is not known", "BUY LIMIT 10 100", "INSUFFICIENT_BUYING_POWER - 1000", .unpriced = "DARK"},
    };
    CHECK(cases);
}

Test(risk, position_limit_is_inclusive)
{
    static const struct risk_case cases[] = {
        {"buy to it", "BUY LIMIT 10 1", "", "10", .held = "70", .open_buy = "20", .max_position = "100"},
        {"buy past it", "BUY LIMIT 10.00000001 1", "MAX_POSITION 100 100.00000001", .held = "70",
         .open_buy = "20", .max_position = "100"},
        {"open SELLs give no room", "BUY LIMIT 1 1", "MAX_POSITION 100 101", .held = "100",
         .open_sell = "100", .max_position = "100"},
        {"sell short to it", "SELL LIMIT 110 1", "", "14900", .held = "10", .max_position = "100",
         .short_selling = true},
        {"sell short past it", "SELL LIMIT 110.00000001 1", "MAX_POSITION 100 100.00000001", .held = "10",
         .max_position = "100", .short_selling = true},
        {"buy back from short", "BUY LIMIT 150 1", "", "50", .held = "-100", .max_position = "100"},
        {"buy back beyond the other side", "BUY LIMIT 200.00000001 1", "MAX_POSITION 100 100.00000001",
         .held = "-100", .max_position = "100"},
    };
    CHECK(cases);
}

/* Where operations lowered the limit below what is held. */
Test(risk, what_only_reduces_passes_the_position_limit)
{
    static const struct risk_case cases[] = {
        {"selling a part", "SELL LIMIT 1 100", "", .held = "500", .max_position = "100"},
        {"selling all", "SELL LIMIT 500 100", "", .held = "500", .max_position = "100"},
        {"what open SELLs leave", "SELL LIMIT 100 100", "", .held = "500", .open_sell = "400",
         .max_position = "50"},
        {"one unit more, to the limit", "SELL LIMIT 550 100", "", "2500", .held = "500", .max_position = "50",
         .short_selling = true},
        {"past it on the other side", "SELL LIMIT 550.00000001 100", "MAX_POSITION 50 50.00000001",
         .held = "500", .max_position = "50", .short_selling = true},
        {"buying more", "BUY LIMIT 0.00000001 1", "MAX_POSITION 100 500.00000001", .held = "500",
         .max_position = "100"},
        {"buying back a part", "BUY LIMIT 1 1", "", .held = "-500", .max_position = "100"},
        {"buying back all", "BUY LIMIT 500 1", "", .held = "-500", .max_position = "100"},
        {"buying back past the other side", "BUY LIMIT 600.00000001 1", "MAX_POSITION 100 100.00000001",
         .held = "-500", .max_position = "100"},
        {"selling shorter", "SELL LIMIT 0.00000001 100", "MAX_POSITION 100 500.00000001", .held = "-500",
         .max_position = "100", .short_selling = true},
        {"buying back the largest short that can be counted", "BUY LIMIT 1 1", "",
         .held = "-92233720368.54775808"},
    };
    CHECK(cases);
}

Test(risk, size_limits_are_inclusive)
{
    static const struct risk_case cases[] = {
        {"quantity", "BUY LIMIT 10 1", "", "10", .max_quantity = "10"},
        {"quantity, one unit past", "BUY LIMIT 10.00000001 1", "MAX_ORDER_QUANTITY 10 10.00000001",
         .max_quantity = "10"},
        {"notional of a limit", "BUY LIMIT 10 90", "", "900", .max_notional = "900"},
        {"notional, one unit past", "BUY LIMIT 10 90.00000001", "MAX_ORDER_NOTIONAL 900 900.0000001",
         .max_notional = "900"},
        {"notional is rounded up", "BUY LIMIT 1.00000001 0.5", "MAX_ORDER_NOTIONAL 0.5 0.50000001",
         .max_notional = "0.5"},
        {"notional of a market at the last price", "SELL MARKET 10", "", .max_notional = "1000",
         .held = "10"},
        {"notional of a market, past", "SELL MARKET 10", "MAX_ORDER_NOTIONAL 999.99999999 1000",
         .max_notional = "999.99999999", .held = "10"},
        {"notional of a stop at its trigger", "BUY STOP 10 110", "", "1155", .max_notional = "1100"},
        {"notional of a stop, past", "BUY STOP 10 110.00000001", "MAX_ORDER_NOTIONAL 1100 1100.0000001",
         .max_notional = "1100"},
        {"notional of a passed stop at the last price", "BUY STOP 10 95", "", "1050", .max_notional = "1000"},
        {"notional of a passed stop, past", "BUY STOP 10 95", "MAX_ORDER_NOTIONAL 999.99999999 1000",
         .max_notional = "999.99999999"},
        {"open orders", "BUY LIMIT 1 1", "", "1", .open_orders = 4, .max_open_orders = 5},
        {"open orders, one past", "BUY LIMIT 1 1", "MAX_OPEN_ORDERS 5 6", .open_orders = 5,
         .max_open_orders = 5},
    };
    CHECK(cases);
}

/* The value is the one that max_order_notional judges. */
Test(risk, daily_notional_is_inclusive)
{
    static const struct risk_case cases[] = {
        {"to it", "BUY LIMIT 10 90", "", "900", .daily = "100", .max_daily = "1000"},
        {"one unit past", "BUY LIMIT 10 90", "MAX_DAILY_NOTIONAL 1000 1000.00000001", .daily = "100.00000001",
         .max_daily = "1000"},
        {"the first order alone", "BUY LIMIT 10 90", "", "900", .max_daily = "900"},
        {"the first order alone, past", "BUY LIMIT 10 90.00000001", "MAX_DAILY_NOTIONAL 900 900.0000001",
         .max_daily = "900"},
        {"it is rounded up", "BUY LIMIT 1.00000001 0.5", "MAX_DAILY_NOTIONAL 0.5 0.50000001",
         .max_daily = "0.5"},
        {"a market at the last price", "BUY MARKET 10", "", "1050", .max_daily = "1000"},
        {"a market, past", "BUY MARKET 10", "MAX_DAILY_NOTIONAL 999.99999999 1000",
         .max_daily = "999.99999999"},
        {"a stop at its trigger", "BUY STOP 10 110", "", "1155", .max_daily = "1100"},
        {"a passed stop at the last price", "BUY STOP 10 95", "MAX_DAILY_NOTIONAL 999.99999999 1000",
         .max_daily = "999.99999999"},
        {"what only reduces counts as well", "SELL MARKET 10", "MAX_DAILY_NOTIONAL 1000 1000.00000001",
         .daily = "0.00000001", .max_daily = "1000", .held = "10"},
        {"a limit that was lowered", "BUY LIMIT 1 1", "MAX_DAILY_NOTIONAL 1000 5001", .daily = "5000",
         .max_daily = "1000"},
        {"0 is none", "BUY LIMIT 10 90", "", "900", .daily = "90000000000"},
        {"further than can be counted", "BUY LIMIT 1 8000000000", "MAX_DAILY_NOTIONAL 9999999999 90000000000",
         .daily = "90000000000", .max_daily = "9999999999", .cash = "8000000000", .last = "8000000000"},
        {"the order's own limit comes first", "BUY LIMIT 10 90",
         "MAX_ORDER_NOTIONAL 800 900; MAX_DAILY_NOTIONAL 850 900", .max_notional = "800", .max_daily = "850"},
    };
    CHECK(cases);
}

Test(risk, the_refusal_of_a_day_has_all_its_numbers)
{
    static struct risk_verdict verdict;
    struct risk_case c = {.daily = "1234.5", .max_daily = "2000"};
    struct order_request order = parse_order("BUY LIMIT 10 90");
    struct risk_account account = make_account(&c);
    struct risk_position position = {.quantity = decimal_zero()};
    struct risk_market market = make_market(&c);

    risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
    cr_assert_eq(verdict.fault_count, 1);
    cr_expect_str_eq(verdict.faults[0].field, "/quantity");
    cr_expect_str_eq(verdict.faults[0].message,
                     "Today's orders come to 1234.5; with this one, of 900, they would come to 2134.5, over "
                     "the limit 2000 of a day; send a smaller one or wait for the next trading day.");
}

Test(risk, collar_is_inclusive_on_both_sides)
{
    static const struct risk_case cases[] = {
        {"above, at it", "BUY LIMIT 1 110", "", "110", .collar = "10"},
        {"above, past it", "BUY LIMIT 1 110.00000001", "PRICE_COLLAR 10 10.00000001", .collar = "10"},
        {"below, at it", "SELL LIMIT 1 90", "", .collar = "10", .held = "1"},
        {"below, past it", "SELL LIMIT 1 89.99999999", "PRICE_COLLAR 10 10.00000001", .collar = "10",
         .held = "1"},
        {"a trigger", "BUY STOP 1 110.00000001", "PRICE_COLLAR 10 10.00000001", .collar = "10"},
        {"a trigger, at it", "BUY STOP 1 110", "", "115.5", .collar = "10"},
        {"a trigger below, at it", "SELL STOP 1 90", "", .collar = "10", .held = "1"},
        {"a trigger below, past it", "SELL STOP 1 89.99999999", "PRICE_COLLAR 10 10.00000001", .collar = "10",
         .held = "1"},
        {"a market's reference is free", "BUY MARKET 1 500", "", "105", .collar = "10"},
        {"a third of a unit", "BUY LIMIT 1 3.1", "", "3.1", .collar = "3.33333334", .last = "3"},
        {"a third of a unit, past", "BUY LIMIT 1 3.1", "PRICE_COLLAR 0.09999999 0.1", .collar = "3.33333333",
         .last = "3"},
        {"the largest price", "BUY LIMIT 0.00000001 92233720368", "PRICE_COLLAR 9 92233720367.99999999",
         .collar = "90000000000", .last = "0.00000001"},
    };
    CHECK(cases);
}

Test(risk, daily_loss_stops_when_it_is_reached)
{
    static const struct risk_case cases[] = {
        {"one unit before", "BUY LIMIT 1 1", "", "1", .loss = "4999.99999999"},
        {"reached", "BUY LIMIT 1 1", "DAILY_LOSS_LIMIT 5000 5000", .loss = "5000"},
        {"a profit", "BUY LIMIT 1 1", "", "1", .loss = "-90000000000"},
        {"selling what is held", "SELL MARKET 10", "", .loss = "6000", .held = "10"},
        {"selling more than open SELLs leave", "SELL MARKET 6", "DAILY_LOSS_LIMIT 5000 6000", "0",
         .loss = "6000", .held = "10", .open_sell = "5", .short_selling = true},
        {"buying back a short", "BUY LIMIT 10 1", "", .loss = "6000", .held = "-10"},
        {"buying back too much", "BUY LIMIT 10.00000001 1", "DAILY_LOSS_LIMIT 5000 6000", .loss = "6000",
         .held = "-10"},
        {"buying back what open BUYs do", "BUY LIMIT 1 1", "DAILY_LOSS_LIMIT 5000 6000", .loss = "6000",
         .held = "-10", .open_buy = "10"},
    };
    CHECK(cases);
}

Test(risk, account_and_halts_stop_every_order)
{
    static const struct risk_halt lifted = {false, ""}, halt = {true, "a reason"};
    static const struct risk_case cases[] = {
        {"suspended", "SELL MARKET 1", "ACCOUNT_NOT_ACTIVE ACTIVE SUSPENDED", .held = "1",
         .status = ACCOUNT_SUSPENDED},
        {"closed", "BUY LIMIT 1 1", "ACCOUNT_NOT_ACTIVE ACTIVE CLOSED", .status = ACCOUNT_CLOSED},
        {"none in force", "BUY LIMIT 1 1", "", "1", .halt_all = &lifted, .halt_trader = &lifted,
         .halt_symbol = &lifted},
        {"everyone", "SELL MARKET 1", "TRADING_HALTED - ALL", .held = "1", .halt_all = &halt},
        {"the trader", "BUY LIMIT 1 1", "TRADING_HALTED - TRADER", .halt_trader = &halt},
        {"the symbol", "BUY LIMIT 1 1", "TRADING_HALTED - SYMBOL", .halt_symbol = &halt},
        {"all three", "BUY LIMIT 1 1",
         "TRADING_HALTED - ALL; TRADING_HALTED - TRADER; TRADING_HALTED - SYMBOL", .halt_all = &halt,
         .halt_trader = &halt, .halt_symbol = &halt},
    };
    CHECK(cases);
}

Test(risk, without_a_last_price_nothing_is_traded)
{
    static const struct risk_case cases[] = {
        {"market", "BUY MARKET 1", "SYMBOL_NOT_TRADABLE - AAPL", .last = "none"},
        {"limit", "BUY LIMIT 1 1", "SYMBOL_NOT_TRADABLE - AAPL", .last = "none"},
        {"limit without a price", "BUY LIMIT 1", "PRICE_REQUIRED - -"},
    };
    CHECK(cases);
}

Test(risk, what_cannot_be_counted_is_out_of_range)
{
    static const struct risk_case cases[] = {
        {"value", "BUY LIMIT 9999999999 9999999999", "OUT_OF_RANGE - -", .last = "9999999999"},
        {"reserve only", "BUY MARKET 9999999999", "OUT_OF_RANGE - -", .last = "9"},
        {"reserve price", "BUY MARKET 0.00000001", "OUT_OF_RANGE - -", .last = "90000000000"},
        {"buying power", "BUY LIMIT 1 1", "OUT_OF_RANGE - -", .cash = "-90000000000",
         .already_reserved = "90000000000"},
        {"position", "BUY LIMIT 9999999999 0.00000001", "OUT_OF_RANGE - -", .held = "90000000000",
         .last = "0.00000001"},
        {"open orders, though the position is small", "BUY LIMIT 9999999999 0.00000001", "OUT_OF_RANGE - -",
         .held = "-90000000000", .open_buy = "90000000000", .last = "0.00000001"},
    };
    CHECK(cases);
}

Test(risk, every_broken_rule_is_named)
{
    static const struct risk_halt halt = {true, "a reason"};
    static const struct risk_case cases[] = {
        {"a buy", "BUY LIMIT 20 150",
         "ACCOUNT_NOT_ACTIVE ACTIVE CLOSED; TRADING_HALTED - ALL; MAX_ORDER_QUANTITY 5 20; "
         "MAX_ORDER_NOTIONAL 100 3000; "
         "PRICE_COLLAR 10 50; MAX_POSITION 15 20; INSUFFICIENT_BUYING_POWER 1 3000; MAX_OPEN_ORDERS 1 2; "
         "DAILY_LOSS_LIMIT 5000 5000",
         .cash = "1", .loss = "5000", .max_position = "15", .max_quantity = "5", .max_notional = "100",
         .collar = "10", .open_orders = 1, .max_open_orders = 1, .status = ACCOUNT_CLOSED, .halt_all = &halt},
        {"a sell", "SELL MARKET 20", "INSUFFICIENT_POSITION 3 20; MAX_POSITION 15 17", .held = "3",
         .max_position = "15"},
    };
    CHECK(cases);
}

Test(risk, the_validators_faults_come_first_and_are_not_repeated)
{
    static struct risk_verdict verdict;
    static struct fault faults[2];
    struct fault_list list = {.faults = faults, .max = ARRAY_LEN(faults)};
    struct risk_case ordinary = {.last = "none", .max_quantity = "1"};
    struct order_request order = parse_order("BUY LIMIT 5");
    struct risk_account account = make_account(&ordinary);
    struct risk_position position = {.quantity = decimal_zero()};
    struct risk_market market = make_market(&ordinary);

    fault_add(&list, REJECT_UNKNOWN_SYMBOL, "/symbol", NULL, "AAPL", "There is no such symbol.");
    fault_add(&list, REJECT_PRICE_REQUIRED, "/price", NULL, NULL, "There is no price.");
    risk_decide(&order, faults, list.count, &account, &position, &market, &verdict);
    cr_assert_eq(verdict.fault_count, 3);
    cr_expect_eq(verdict.faults[0].code, REJECT_UNKNOWN_SYMBOL);
    cr_expect_eq(verdict.faults[1].code, REJECT_PRICE_REQUIRED);
    cr_expect_eq(verdict.faults[2].code, REJECT_MAX_ORDER_QUANTITY);
    cr_expect_eq(verdict.reserved.units, 0);
}

Test(risk, a_symbol_that_the_validator_refused_is_asked_only_what_needs_no_price)
{
    static struct risk_verdict verdict;
    static struct fault faults[1];
    struct fault_list list = {.faults = faults, .max = ARRAY_LEN(faults)};
    struct risk_case ordinary = {.last = "none"};
    struct order_request order = parse_order("SELL MARKET 5");
    struct risk_account account = make_account(&ordinary);
    struct risk_position position = {.quantity = parse("4")};
    struct risk_market market = make_market(&ordinary);

    fault_add(&list, REJECT_SYMBOL_NOT_TRADABLE, "/symbol", NULL, "AAPL", "The symbol is suspended.");
    risk_decide(&order, faults, list.count, &account, &position, &market, &verdict);
    cr_assert_eq(verdict.fault_count, 2);
    cr_expect_str_eq(verdict.faults[0].message, "The symbol is suspended.");
    cr_expect_eq(verdict.faults[1].code, REJECT_INSUFFICIENT_POSITION);
}

Test(risk, the_next_decision_sees_what_was_accepted)
{
    static struct risk_verdict verdict;
    struct risk_case trader = {.cash = "1000", .held = "10", .max_open_orders = 4};
    struct risk_account account = make_account(&trader);
    struct risk_position position = {.quantity = parse("10")};
    struct risk_market market = make_market(&trader);
    static const struct {
        const char *order;
        bool accepted;
    } steps[] = {
        {"BUY LIMIT 5 100", true},     /* 500 left */
        {"BUY LIMIT 5.01 100", false}, /* refused: reserves nothing */
        {"BUY LIMIT 5 100", true},     /* 0 left */
        {"BUY LIMIT 0.00000001 1", false}, {"SELL LIMIT 6 100", true},           {"SELL LIMIT 5 100", false},
        {"SELL LIMIT 4 100", true},        {"SELL LIMIT 0.00000001 100", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct order_request order = parse_order(steps[i].order);
        risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
        cr_expect_eq(verdict.fault_count == 0, steps[i].accepted, "step %zu: %s", i,
                     verdict.fault_count > 0 ? verdict.faults[0].message : "accepted");
        if (verdict.fault_count == 0)
            risk_apply(&order, &verdict, &account, &position);
    }
    cr_expect_eq(account.reserved.units, 1000 * DECIMAL_ONE);
    cr_expect_eq(account.open_orders, 4);
    cr_expect_eq(position.open_buy.units, 10 * DECIMAL_ONE);
    cr_expect_eq(position.open_sell.units, 10 * DECIMAL_ONE);
}

/* xorshift64: the same numbers in every run. */
static int64_t next_random(uint64_t *state, int64_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (int64_t)(*state % (uint64_t)below);
}

Test(risk, reservations_are_the_smallest_that_cover_the_cost_and_never_pass_cash)
{
    static struct risk_verdict verdict;
    struct risk_case ordinary = {.last = "100"};
    struct risk_market market = make_market(&ordinary);
    uint64_t state = 88172645463325252u;
    size_t accepted = 0, refused = 0;

    for (int round = 0; round < 2000; round++) {
        struct risk_account account = make_account(&ordinary);
        struct risk_position position = {.quantity = decimal_zero()};
        account.cash = decimal_from_units(next_random(&state, 1000 * DECIMAL_ONE));
        for (int i = 0; i < 10; i++) {
            struct order_request order = parse_order("BUY LIMIT 1 1");
            order.quantity = decimal_from_units(1 + next_random(&state, 5 * DECIMAL_ONE));
            order.price = decimal_from_units(1 + next_random(&state, 100 * DECIMAL_ONE));
            risk_decide(&order, NULL, 0, &account, &position, &market, &verdict);
            wide exact = (wide)order.quantity.units * order.price.units;
            wide left = (wide)account.cash.units - account.reserved.units;
            wide cost = (exact + DECIMAL_ONE - 1) / DECIMAL_ONE;
            cr_assert_eq(verdict.fault_count == 0, cost <= left);
            if (verdict.fault_count > 0) {
                refused++;
                continue;
            }
            accepted++;
            cr_assert((wide)verdict.reserved.units * DECIMAL_ONE >= exact, "covers");
            cr_assert((wide)(verdict.reserved.units - 1) * DECIMAL_ONE < exact, "the smallest");
            risk_apply(&order, &verdict, &account, &position);
            cr_assert_leq(account.reserved.units, account.cash.units);
        }
    }
    cr_expect_gt(accepted, 1000);
    cr_expect_gt(refused, 1000);
}
