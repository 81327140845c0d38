/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange, message by message: what each
 * request is answered, and that a reload changes nothing.
 *
 * Long: the language of its actions serves all cases. */
#include "services/exchange-sim/core/exchange.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/exchange_floor.h"

#define now  exchange_floor_now
#define CENT (DECIMAL_ONE / 100)

static struct exchange *exchange;

static void create(void)
{
    exchange = exchange_floor_create();
    cr_assert_eq(exchange_load_end(exchange, NULL), 0);
}

static void destroy(void)
{
    exchange_destroy(&exchange);
}

static void request_of(uint32_t session, const char *type, const char *fields)
{
    exchange_floor_request(exchange, session, type, fields, exchange_floor_now);
}

static void request(const char *type, const char *fields)
{
    request_of(0, type, fields);
}

static const char *answers(void)
{
    return exchange_floor_answers();
}

/* Places an order and forgets the answers. */
static void given(const char *fields)
{
    request("D", fields);
    (void)answers();
}

TestSuite(sim_exchange, .init = create, .fini = destroy);

Test(sim_exchange, a_market_order_is_acknowledged_and_filled)
{
    request("D", "11=o1|55=AAPL|54=1|38=100|40=1|");
    cr_expect_str_eq(answers(),
                     "0:8 11=o1 17=E1 150=0 39=0 38=100 40=1 151=100 14=0 6=0\n"
                     "0:8 11=o1 17=E2 150=F 39=2 38=100 40=1 32=100 31=150.01 151=0 14=100 6=150.01\n");
    request("D", "11=o2|55=AAPL|54=2|38=100|40=1|");
    cr_expect_str_eq(answers(),
                     "0:8 11=o2 17=E3 150=0 39=0 38=100 40=1 151=100 14=0 6=0\n"
                     "0:8 11=o2 17=E4 150=F 39=2 38=100 40=1 32=100 31=149.99 151=0 14=100 6=149.99\n");
}

Test(sim_exchange, a_large_order_fills_at_worsening_prices)
{
    request("D", "11=o1|55=AAPL|54=1|38=2500|40=1|");
    cr_expect_str_eq(answers(),
                     "0:8 11=o1 17=E1 150=0 39=0 38=2500 40=1 151=2500 14=0 6=0\n"
                     "0:8 11=o1 17=E2 150=F 39=1 38=2500 40=1 32=1000 31=150.01 151=1500 14=1000 6=150.01\n"
                     "0:8 11=o1 17=E3 150=F 39=1 38=2500 40=1 32=1000 31=150.02 151=500 14=2000 6=150.015\n"
                     "0:8 11=o1 17=E4 150=F 39=2 38=2500 40=1 32=500 31=150.03 151=0 14=2500 6=150.018\n");
}

Test(sim_exchange, two_clients_trade_with_each_other_and_both_are_told)
{
    given("11=s|55=AAPL|54=2|38=30|40=2|44=150.00|");
    request_of(1, "D", "11=b|55=AAPL|54=1|38=50|40=2|44=150.00|");
    cr_expect_str_eq(answers(),
                     "1:8 11=b 17=E2 150=0 39=0 38=50 40=2 44=150 151=50 14=0 6=0\n"
                     "1:8 11=b 17=E3 150=F 39=1 38=50 40=2 44=150 32=30 31=150 151=20 14=30 6=150\n"
                     "0:8 11=s 17=E4 150=F 39=2 38=30 40=2 44=150 32=30 31=150 151=0 14=30 6=150\n");
}

Test(sim_exchange, what_cannot_rest_is_cancelled)
{
    request("D", "11=i|55=AAPL|54=1|38=1500|40=2|44=150.01|59=3|");
    cr_expect_str_eq(
        answers(),
        "0:8 11=i 17=E1 150=0 39=0 38=1500 40=2 44=150.01 151=1500 14=0 6=0\n"
        "0:8 11=i 17=E2 150=F 39=1 38=1500 40=2 44=150.01 32=1000 31=150.01 151=500 14=1000 6=150.01\n"
        "0:8 11=i 17=E3 150=4 39=4 38=1500 40=2 44=150.01 151=0 14=1000 6=150.01 58=IOC remainder\n");
    request("D", "11=f|55=AAPL|54=1|38=1500|40=2|44=150.01|59=4|");
    cr_expect_str_eq(answers(), "0:8 11=f 17=E4 150=0 39=0 38=1500 40=2 44=150.01 151=1500 14=0 6=0\n"
                                "0:8 11=f 17=E5 150=4 39=4 38=1500 40=2 44=150.01 151=0 14=0 6=0 "
                                "58=FOK cannot be filled at once\n");
    request("D", "11=g|55=AAPL|54=1|38=1500|40=2|44=150.02|59=4|");
    cr_expect_not_null(strstr(answers(), "39=2"), "a FOK that can be filled is");
}

Test(sim_exchange, unusable_orders_are_refused_with_a_reason)
{
    static const struct {
        const char *fields, *wanted;
    } cases[] = {
        {"55=NONE|54=1|38=1|40=1|", "103=1"},
        {"55=AAPLX|54=1|38=1|40=1|", "103=1"},
        {"55=A|54=1|38=1|40=1|", "103=1"},
        {"55=DELISTED|54=1|38=1|40=1|", "103=2"},
        {"55=AAPL|54=5|38=1|40=1|", "103=11"},
        {"55=AAPL|54=1|38=1|40=4|44=1|99=1|", "103=11"},
        {"55=AAPL|54=1|38=1|40=1|59=2|", "103=11"},
        {"55=AAPL|54=1|38=0.5|40=1|", "103=13"},
        {"55=AAPL|54=1|38=1|40=2|44=1.001|", "103=99"},
        {"55=AAPL|54=1|38=1|40=3|99=1.001|", "103=99"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char fields[256];
        (void)snprintf(fields, sizeof(fields), "11=o%zu|%s", i, cases[i].fields);
        request("D", fields);
        const char *text = answers();
        cr_expect_not_null(strstr(text, cases[i].wanted), "%s: %s", cases[i].fields, text);
        cr_expect_not_null(strstr(text, "150=8 39=8"), "%s: %s", cases[i].fields, text);
        cr_expect_not_null(strstr(text, "37=NONE"), "%s: %s", cases[i].fields, text);
    }
    cr_expect_eq(orders_count(exchange->orders), 0);
}

Test(sim_exchange, a_repeated_id_is_refused_and_the_original_stays)
{
    given("11=o1|55=AAPL|54=1|38=100|40=2|44=100|");
    request("D", "11=o1|55=AAPL|54=1|38=999|40=1|");
    cr_expect_str_eq(answers(), "0:8 37=NONE 17=E2 150=8 39=8 103=6 11=o1 38=999 40=1 151=0 14=0 6=0 "
                                "58=Duplicate ClOrdID\n");
    request("H", "11=o1|55=AAPL|54=1|");
    cr_expect_str_eq(answers(), "0:8 11=o1 17=0 150=I 39=0 38=100 40=2 44=100 151=100 14=0 6=0\n");
    request_of(1, "D", "11=o1|55=AAPL|54=1|38=1|40=1|");
    cr_expect_not_null(strstr(answers(), "39=2"), "ids belong to a session");
}

Test(sim_exchange, a_status_request_is_answered_with_a_snapshot)
{
    given("11=o1|55=AAPL|54=1|38=1500|40=2|44=150.01|");
    request("H", "11=o1|55=AAPL|54=1|790=q7|");
    cr_expect_str_eq(answers(),
                     "0:8 11=o1 790=q7 17=0 150=I 39=1 38=1500 40=2 44=150.01 151=500 14=1000 6=150.01\n");
    request("H", "11=never|55=AAPL|54=1|");
    cr_expect_str_eq(answers(),
                     "0:8 37=NONE 17=0 150=I 39=8 103=5 11=never 151=0 14=0 6=0 58=Unknown order\n");
    request_of(1, "H", "11=o1|55=AAPL|54=1|");
    cr_expect_not_null(strstr(answers(), "103=5"), "another session does not know it");
}

Test(sim_exchange, a_cancel_takes_an_order_out_of_the_book)
{
    given("11=o1|55=AAPL|54=1|38=100|40=2|44=150.00|");
    request("F", "11=c1|41=o1|55=AAPL|54=1|");
    cr_expect_str_eq(answers(), "0:8 11=c1 41=o1 17=E2 150=4 39=4 38=100 40=2 44=150 151=0 14=0 6=0\n");
    request("D", "11=o2|55=AAPL|54=2|38=100|40=2|44=150.00|");
    cr_expect_null(strstr(answers(), "150=F"));
}

Test(sim_exchange, a_cancel_that_cannot_be_is_refused_with_the_status)
{
    given("11=done|55=AAPL|54=1|38=100|40=1|");
    given("11=open|55=AAPL|54=1|38=100|40=2|44=1|");
    static const struct {
        const char *type, *fields, *wanted;
    } cases[] = {
        {"F", "11=c1|41=never|55=AAPL|54=1|",
         "0:9 37=NONE 11=c1 41=never 39=8 434=1 102=1 58=Unknown order\n"},
        {"F", "11=c2|41=done|55=AAPL|54=1|",
         "0:9 11=c2 41=done 39=2 434=1 102=0 58=Too late: the order is done\n"},
        {"F", "11=open|41=open|55=AAPL|54=1|", "0:9 11=open 41=open 39=0 434=1 102=6 58=Duplicate ClOrdID\n"},
        {"F", "11=c3|41=open|55=MSFT|54=1|",
         "0:9 11=c3 41=open 39=0 434=1 102=99 58=Symbol or side is not the order's\n"},
        {"F", "11=c4|41=open|55=AAPL|54=2|",
         "0:9 11=c4 41=open 39=0 434=1 102=99 58=Symbol or side is not the order's\n"},
        {"G", "11=r1|41=never|55=AAPL|54=1|38=5|40=2|44=1|",
         "0:9 37=NONE 11=r1 41=never 39=8 434=2 102=1 58=Unknown order\n"},
        {"G", "11=r2|41=open|55=AAPL|54=1|38=5|40=1|",
         "0:9 11=r2 41=open 39=0 434=2 102=99 58=OrdType cannot be replaced\n"},
        {"G", "11=r3|41=open|55=AAPL|54=1|38=5.5|40=2|44=1|",
         "0:9 11=r3 41=open 39=0 434=2 102=99 58=OrderQty is not a multiple of the lot size\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        request(cases[i].type, cases[i].fields);
        cr_expect_str_eq(answers(), cases[i].wanted);
    }
}

Test(sim_exchange, a_smaller_quantity_keeps_the_place_in_the_queue)
{
    given("11=first|55=AAPL|54=1|38=100|40=2|44=150.00|");
    given("11=second|55=AAPL|54=1|38=100|40=2|44=150.00|");
    request("G", "11=r1|41=first|55=AAPL|54=1|38=60|40=2|44=150.00|");
    cr_expect_str_eq(answers(), "0:8 11=r1 41=first 17=E3 150=5 39=0 38=60 40=2 44=150 151=60 14=0 6=0\n");
    request_of(1, "D", "11=s|55=AAPL|54=2|38=70|40=2|44=150.00|");
    const char *text = answers();
    cr_expect_not_null(strstr(text, "0:8 11=r1 41=first 17=E6 150=F 39=2 38=60"), "it goes by its new id: %s",
                       text);
    cr_expect_not_null(strstr(text, "0:8 11=second 17=E8 150=F 39=1 38=100 40=2 44=150 32=10"), "%s", text);
}

Test(sim_exchange, a_larger_quantity_or_another_price_goes_to_the_end_of_the_queue)
{
    given("11=first|55=AAPL|54=1|38=100|40=2|44=150.00|");
    given("11=second|55=AAPL|54=1|38=100|40=2|44=150.00|");
    request("G", "11=r1|41=first|55=AAPL|54=1|38=101|40=2|44=150.00|");
    (void)answers();
    request_of(1, "D", "11=s|55=AAPL|54=2|38=100|40=2|44=150.00|");
    cr_expect_not_null(strstr(answers(), "0:8 11=second 17=E6 150=F 39=2"));
    request("G", "11=r2|41=r1|55=AAPL|54=1|38=101|40=2|44=150.05|");
    cr_expect_not_null(strstr(answers(), "32=101 31=150.01"), "a price that meets the quotes trades");
}

Test(sim_exchange, a_quantity_that_is_filled_already_ends_the_order)
{
    given("11=o1|55=AAPL|54=1|38=3000|40=2|44=150.01|");
    request("G", "11=r1|41=o1|55=AAPL|54=1|38=500|40=2|44=150.01|");
    cr_expect_str_eq(answers(),
                     "0:8 11=r1 41=o1 17=E3 150=5 39=2 38=1000 40=2 44=150.01 151=0 14=1000 6=150.01\n");
    request_of(1, "D", "11=s|55=AAPL|54=2|38=1|40=2|44=150.01|");
    cr_expect_null(strstr(answers(), "150=F"), "nothing of it is left in the book");
}

Test(sim_exchange, a_replaced_order_is_known_by_all_its_ids)
{
    given("11=o1|55=AAPL|54=1|38=100|40=2|44=100|");
    request("G", "11=r1|41=o1|55=AAPL|54=1|38=90|40=2|44=100|");
    (void)answers();
    request("H", "11=o1|55=AAPL|54=1|");
    cr_expect_str_eq(answers(), "0:8 11=o1 41=o1 17=0 150=I 39=0 38=90 40=2 44=100 151=90 14=0 6=0\n");
    request("F", "11=c1|41=o1|55=AAPL|54=1|");
    cr_expect_not_null(strstr(answers(), "11=c1 41=o1 17=E3 150=4"));
}

Test(sim_exchange, groups_that_are_not_read_are_taken_when_their_counts_are_right)
{
    request("D", "11=o|55=AAPL|54=1|38=1|40=1|453=2|448=a|447=D|452=1|448=b|447=D|452=3|386=1|336=1|");
    cr_expect_not_null(strstr(answers(), "150=0"));
}

Test(sim_exchange, malformed_requests_are_rejected_with_the_tag)
{
    static const struct {
        const char *type, *fields, *wanted;
    } cases[] = {
        {"D", "55=AAPL|54=1|38=1|40=1|", "0:3 45=7 371=11 372=D 373=1 58=Required tag missing\n"},
        {"D", "11=o|54=1|38=1|40=1|", "0:3 45=7 371=55 372=D 373=1 58=Required tag missing\n"},
        {"D", "11=o|55=AAPL|38=1|40=1|", "0:3 45=7 371=54 372=D 373=1 58=Required tag missing\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|", "0:3 45=7 371=40 372=D 373=1 58=Required tag missing\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|38=2|",
         "0:3 45=7 371=38 372=D 373=13 58=Tag appears more than once\n"},
        {"D", "11=o|55=AAPL|54=1|38=x|40=1|",
         "0:3 45=7 371=38 372=D 373=6 58=Incorrect data format for value\n"},
        {"D", "11=o|55=AAPL|54=1|38=-1|40=1|",
         "0:3 45=7 371=38 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|55=AAPL|54=1|38=0|40=1|",
         "0:3 45=7 371=38 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|55=AAPL|54=12|38=1|40=1|",
         "0:3 45=7 371=54 372=D 373=6 58=Incorrect data format for value\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|60=noon|",
         "0:3 45=7 371=60 372=D 373=6 58=Incorrect data format for value\n"},
        {"D", "11=012345678901234567890123456789012345678901234567|55=AAPL|54=1|38=1|40=1|",
         "0:3 45=7 371=11 372=D 373=5 58=Value is longer than 47 characters\n"},
        {"D", "11=o|55=AAPL|54=1|40=1|", "0:j 45=7 372=D 379=o 380=5 58=OrderQty(38) is required\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=2|",
         "0:j 45=7 372=D 379=o 380=5 58=Price(44) is required for OrdType 2\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=3|",
         "0:j 45=7 372=D 379=o 380=5 58=StopPx(99) is required for OrdType 3\n"},
        {"D", "11=o|55=AAPL|54=z|38=1|40=1|",
         "0:3 45=7 371=54 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=w|",
         "0:3 45=7 371=40 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|59=z|",
         "0:3 45=7 371=59 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|21=4|",
         "0:3 45=7 371=21 372=D 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"G", "11=g|41=o|55=AAPL|54=1|38=1|40=w|",
         "0:3 45=7 371=40 372=G 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"F", "11=c|41=o|55=AAPL|54=z|",
         "0:3 45=7 371=54 372=F 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"H", "11=o|55=AAPL|54=z|",
         "0:3 45=7 371=54 372=H 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"D", "11=o|41=p|55=AAPL|54=1|38=1|40=1|",
         "0:3 45=7 371=41 372=D 373=2 58=Tag not defined for this message type\n"},
        {"F", "11=c|41=o|55=AAPL|54=1|59=0|",
         "0:3 45=7 371=59 372=F 373=2 58=Tag not defined for this message type\n"},
        {"H", "11=o|55=AAPL|54=1|38=1|",
         "0:3 45=7 371=38 372=H 373=2 58=Tag not defined for this message type\n"},
        {"F", "11=c|55=AAPL|54=1|", "0:3 45=7 371=41 372=F 373=1 58=Required tag missing\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|386=3|336=1|336=2|",
         "0:3 45=7 371=386 372=D 373=16 58=Incorrect NumInGroup count for repeating group\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|453=0|448=a|",
         "0:3 45=7 371=453 372=D 373=16 58=Incorrect NumInGroup count for repeating group\n"},
        {"D", "11=o|55=AAPL|54=1|38=1|40=1|453=1|447=D|448=a|452=1|",
         "0:3 45=7 371=448 372=D 373=15 58=Repeating group fields out of order\n"},
        {"G", "11=g|41=o|55=AAPL|54=1|38=1|40=1|78=x|",
         "0:3 45=7 371=78 372=G 373=6 58=Incorrect data format for value\n"},
        {"E", "66=x|", "0:j 45=7 372=E 380=3 58=Unsupported message type\n"},
        {"AE", "571=x|", "0:j 45=7 372=AE 380=3 58=Unsupported message type\n"},
        {"ZZ", "58=x|", "0:3 45=7 371=35 372=ZZ 373=11 58=Invalid MsgType\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        request(cases[i].type, cases[i].fields);
        cr_expect_str_eq(answers(), cases[i].wanted);
    }
}

static void move_price(const char *symbol, int64_t cents)
{
    int index = symbols_find(&exchange->symbols, (struct fix_text){symbol, strlen(symbol)});
    cr_assert_geq(index, 0);
    cr_assert_eq(exchange_set_price(exchange, (size_t)index, decimal_from_units(cents * CENT)), 0);
    while (!exchange_settle(exchange, exchange_floor_now))
        ;
}

Test(sim_exchange, a_price_that_reaches_a_resting_limit_fills_it_at_its_limit)
{
    given("11=b|55=AAPL|54=1|38=100|40=2|44=149.00|");
    move_price("AAPL", 14900);
    cr_expect_str_eq(answers(), "", "the ask is 149.01");
    move_price("AAPL", 14800);
    cr_expect_str_eq(answers(),
                     "0:8 11=b 17=E2 150=F 39=2 38=100 40=2 44=149 32=100 31=149 151=0 14=100 6=149\n");
}

Test(sim_exchange, a_stop_waits_for_its_trigger_and_then_trades_at_the_market)
{
    request("D", "11=s|55=AAPL|54=2|38=100|40=3|99=145.00|");
    cr_expect_str_eq(answers(), "0:8 11=s 17=E1 150=0 39=0 38=100 40=3 99=145 151=100 14=0 6=0\n");
    move_price("AAPL", 14501);
    cr_expect_str_eq(answers(), "");
    move_price("AAPL", 14500);
    cr_expect_str_eq(answers(),
                     "0:8 11=s 17=E2 150=F 39=2 38=100 40=3 99=145 32=100 31=144.99 151=0 14=100 6=144.99\n");
    request("D", "11=t|55=AAPL|54=1|38=100|40=3|99=145.00|");
    cr_expect_not_null(strstr(answers(), "150=F 39=2"), "a trigger that has been reached fires at once");
}

Test(sim_exchange, many_resting_orders_are_filled_over_several_calls)
{
    for (int i = 0; i < EXCHANGE_SETTLE_MAX + 2000; i++) {
        char fields[128];
        (void)snprintf(fields, sizeof(fields), "11=b%d|55=AAPL|54=1|38=1|40=2|44=149.00|", i);
        given(fields);
    }
    cr_assert_eq(exchange_set_price(exchange, 1, decimal_from_units(14000 * CENT)), 0);
    int calls = 1;
    for (; !exchange_settle(exchange, exchange_floor_now); calls++)
        (void)answers();
    (void)answers();
    cr_expect_eq(calls, 2);
    cr_expect_eq(exchange->counts[EXCHANGE_EXECUTIONS], EXCHANGE_SETTLE_MAX + 2000);
}

Test(sim_exchange, day_orders_expire_at_the_end_of_the_day_and_others_stay)
{
    given("11=day|55=AAPL|54=1|38=100|40=2|44=100|");
    given("11=gtc|55=AAPL|54=1|38=100|40=2|44=100|59=1|");
    given("11=stop|55=AAPL|54=2|38=100|40=3|99=100|59=0|");
    while (!exchange_end_day(exchange, (struct instant){INT64_MAX}, now, 1))
        ;
    cr_expect_str_eq(
        answers(),
        "0:8 11=day 17=E4 150=C 39=C 38=100 40=2 44=100 151=0 14=0 6=0 58=End of the trading day\n"
        "0:8 11=stop 17=E5 150=C 39=C 38=100 40=3 99=100 151=0 14=0 6=0 58=End of the trading day\n");
    move_price("AAPL", 9000);
    const char *text = answers();
    cr_expect_not_null(strstr(text, "11=gtc"));
    cr_expect_null(strstr(text, "11=stop"));
}

Test(sim_exchange, a_day_order_that_comes_as_the_day_ends_belongs_to_the_next)
{
    given("11=day|55=AAPL|54=1|38=100|40=2|44=100|");
    cr_expect(exchange_end_day(exchange, now, now, 10));
    cr_expect_str_eq(answers(), "");
    cr_expect(exchange_end_day(exchange, (struct instant){now.us + 1}, now, 10));
    cr_expect_not_null(strstr(answers(), "11=day 17=E2 150=C 39=C"));
}

#define SUBSCRIBE "262=m|263=1|264=1|265=1|267=1|269=2|"

Test(sim_exchange, prices_are_told_once_and_then_when_they_change)
{
    request("V", SUBSCRIBE "146=2|55=MSFT|55=AAPL|");
    cr_expect_str_eq(answers(), "0:W~ 262=m 268=1 269=2 270=150\n0:W~ 262=m 268=1 269=2 270=410\n");
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "", "nothing has changed");
    move_price("AAPL", 15100);
    move_price("AAP", 200);
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "0:X~ 262=m 268=1 279=1 269=2 270=151\n");
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "");
    request("V", "262=m|263=2|264=1|267=1|269=2|146=1|55=AAPL|");
    move_price("AAPL", 15200);
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "", "unsubscribed");
    request("V", "262=n|263=0|264=1|267=1|269=2|146=1|55=AAPL|");
    cr_expect_str_eq(answers(), "0:W~ 262=n 268=1 269=2 270=152\n");
    move_price("AAPL", 15300);
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "", "a snapshot is no subscription");
}

Test(sim_exchange, a_subscription_ends_with_its_session)
{
    request("V", SUBSCRIBE "146=1|55=AAPL|");
    request_of(1, "V", SUBSCRIBE "146=1|55=AAPL|");
    (void)answers();
    exchange_forget_session(exchange, 0);
    move_price("AAPL", 15100);
    exchange_publish(exchange, exchange_floor_now);
    cr_expect_str_eq(answers(), "1:X~ 262=m 268=1 279=1 269=2 270=151\n");
}

Test(sim_exchange, market_data_requests_that_cannot_be_met_are_refused)
{
    request("V", SUBSCRIBE "146=1|55=AAPL|");
    (void)answers();
    static const struct {
        const char *fields, *wanted;
    } cases[] = {
        {"262=x|263=1|264=1|267=1|269=2|146=1|55=NONE|", "0:Y 262=x 281=0 58=unknown symbol\n"},
        {"262=m|263=1|264=1|267=1|269=2|146=1|55=AAPL|", "0:Y 262=m 281=1 58=MDReqID is in use\n"},
        {"262=x|263=2|264=1|267=1|269=2|146=1|55=AAPL|", "0:Y 262=x 281=1 58=unknown MDReqID\n"},
        {"262=x|263=7|264=1|267=1|269=2|146=1|55=AAPL|",
         "0:3 45=7 371=263 372=V 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"262=x|263=1|264=1|265=2|267=1|269=2|146=1|55=AAPL|",
         "0:3 45=7 371=265 372=V 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"262=x|263=1|264=1|266=2|267=1|269=2|146=1|55=AAPL|",
         "0:3 45=7 371=266 372=V 373=6 58=Incorrect data format for value\n"},
        {"262=x|263=1|264=1|267=1|269=Z|146=1|55=AAPL|",
         "0:3 45=7 371=269 372=V 373=5 58=Value is incorrect (out of range) for this tag\n"},
        {"262=x|263=1|263=2|264=1|267=1|269=2|146=1|55=AAPL|",
         "0:3 45=7 371=263 372=V 373=13 58=Tag appears more than once\n"},
        {"262=x|263=1|264=1|269=2|267=1|146=1|55=AAPL|",
         "0:3 45=7 371=269 372=V 373=15 58=Repeating group fields out of order\n"},
        {"262=x|263=1|264=1|267=1|269=2|55=AAPL|146=1|",
         "0:3 45=7 371=55 372=V 373=15 58=Repeating group fields out of order\n"},
        {"262=x|263=1|264=5|267=1|269=2|146=1|55=AAPL|", "0:Y 262=x 281=5 58=MarketDepth must be 0 or 1\n"},
        {"262=x|263=1|264=1|265=0|267=1|269=2|146=1|55=AAPL|",
         "0:Y 262=x 281=6 58=MDUpdateType must be 1 (incremental)\n"},
        {"262=x|263=1|264=1|267=2|269=0|269=1|146=1|55=AAPL|",
         "0:Y 262=x 281=8 58=only MDEntryType 2 (trade) is offered\n"},
        {"262=x|263=1|264=1|267=1|269=2|146=2|55=AAPL|",
         "0:3 45=7 371=146 372=V 373=16 58=Incorrect NumInGroup count for repeating group\n"},
        {"263=1|264=1|267=1|269=2|146=1|55=AAPL|", "0:3 45=7 371=262 372=V 373=1 58=Required tag missing\n"},
        {"262=x|263=1|264=one|267=1|269=2|146=1|55=AAPL|",
         "0:3 45=7 371=264 372=V 373=6 58=Incorrect data format for value\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        request("V", cases[i].fields);
        cr_expect_str_eq(answers(), cases[i].wanted);
    }
}

static int load(void *context, const struct journal_entry *entry)
{
    return exchange_load(context, entry);
}

/* Opens the journal into a fresh exchange. */
static struct journal *reopen(const char *path)
{
    struct journal *journal = NULL;
    char fault[JOURNAL_FAULT_MAX];
    destroy();
    exchange = exchange_floor_create();
    cr_assert_eq(journal_open(path, load, exchange, &journal, fault), 0, "%s", fault);
    cr_assert_eq(exchange_load_end(exchange, journal), 0);
    return journal;
}

static void save(struct journal *journal)
{
    exchange_seal(exchange, true);
    cr_assert_eq(journal_commit(journal, false), 0);
}

Test(sim_exchange, a_restart_changes_nothing)
{
    char path[] = "/tmp/oxe-exchange-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    struct journal *journal = reopen(path);
    given("11=early|55=AAPL|54=1|38=100|40=2|44=150.00|");
    given("11=moved|55=AAPL|54=1|38=100|40=2|44=149.50|");
    given("11=late|55=AAPL|54=1|38=100|40=2|44=150.00|");
    given("11=part|55=AAPL|54=1|38=1500|40=2|44=150.01|59=1|");
    given("11=gone|55=AAPL|54=1|38=100|40=2|44=100|");
    given("11=stop|55=AAPL|54=2|38=100|40=3|99=140|");
    request("F", "11=c|41=gone|55=AAPL|54=1|");
    request("G", "11=r|41=moved|55=AAPL|54=1|38=50|40=2|44=150.00|");
    move_price("MSFT", 41100);
    save(journal);
    static const char *const ids[] = {"early", "moved", "late", "part", "gone", "stop", "r", "c"};
    char before[ARRAY_LEN(ids)][1024];
    (void)answers();
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char fields[64];
        (void)snprintf(fields, sizeof(fields), "11=%s|55=AAPL|54=1|", ids[i]);
        request("H", fields);
        const char *status = answers();
        cr_assert_lt(strlen(status), sizeof(before[i]));
        strcpy(before[i], status);
    }
    journal_close(&journal);
    journal = reopen(path);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char fields[64];
        (void)snprintf(fields, sizeof(fields), "11=%s|55=AAPL|54=1|", ids[i]);
        request("H", fields);
        cr_expect_str_eq(answers(), before[i]);
    }
    cr_expect_eq(symbols_price(&exchange->symbols, 3).units, 41100 * CENT, "prices go on where they were");
    /* The queue at 150.00 is early, late, moved: replacing made it the last. part is better, at 150.01. */
    request_of(1, "D", "11=s|55=AAPL|54=2|38=720|40=2|44=150.00|");
    const char *text = answers();
    const char *part = strstr(text, "11=part"), *early = strstr(text, "11=early"),
               *late = strstr(text, "11=late");
    const char *moved = strstr(text, "11=r 41=moved");
    cr_expect(part != NULL && part < early && early < late && late < moved, "%s", text);
    cr_expect_not_null(strstr(text, "11=r 41=moved 17=E18 150=F 39=1"), "ExecIDs go on: %s", text);
    request("D", "11=early|55=AAPL|54=1|38=1|40=1|");
    cr_expect_not_null(strstr(answers(), "103=6"), "ids are remembered");
    journal_close(&journal);
    (void)unlink(path);
}

Test(sim_exchange, an_entry_that_contradicts_the_others_is_refused)
{
    static const struct record_execution execution = {.order = 1, .execution = 1, .quantity = 1, .price = 1};
    static const struct record_order order = {
        .order = 2, .symbol = "AAPL", .cl_ord_id = "x", .side = '1', .status = '0', .quantity = 1};
    static const struct record_order unknown_symbol = {
        .order = 1, .symbol = "NONE", .cl_ord_id = "x", .side = '1', .status = '0', .quantity = 1};
    const struct {
        struct journal_entry entry;
        int wanted;
    } cases[] = {
        {{.type = RECORD_EXECUTION, .length = sizeof(execution), .bytes = &execution}, -EBADMSG},
        {{.type = RECORD_EXECUTION, .length = sizeof(execution) - 1, .bytes = &execution}, -EBADMSG},
        {{.type = RECORD_ORDER, .length = sizeof(order), .bytes = &order}, -EBADMSG},
        {{.type = RECORD_ORDER, .length = sizeof(order), .bytes = &unknown_symbol}, -ENOENT},
        {{.type = 999, .length = sizeof(order), .bytes = &order}, -EBADMSG},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(exchange_load(exchange, &cases[i].entry), cases[i].wanted, "case %zu", i);
}
