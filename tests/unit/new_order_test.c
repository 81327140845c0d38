/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a new order: exact, strict, every fault told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/operations/bodies.h"

/* Faults as "CODE pointer; CODE pointer". */
static void faults_text(const struct faults *faults, char *text, size_t max)
{
    text[0] = '\0';
    for (size_t i = 0; i < faults->count; i++) {
        size_t length = strlen(text);
        (void)snprintf(text + length, max - length, "%s%s %s", i == 0 ? "" : "; ",
                       reject_text((enum reject_code)faults->items[i].code), faults->items[i].field);
    }
}

static void decimal_text(bool has, struct decimal value, char text[static DECIMAL_TEXT_MAX])
{
    text[0] = '\0';
    if (has)
        decimal_format(value, text);
}

static int parse(const char *body, struct order_request *order, struct faults *faults, char *detail)
{
    memset(order, 0xa5, sizeof(*order)); /* nothing may be left of what was there */
    return json_body_parse(&bodies_new_order, body, strlen(body), order, faults, detail);
}

Test(new_order, good_orders_are_read_exactly)
{
    static const struct {
        const char *body, *symbol, *side, *quantity, *type, *tif, *price, *stop_loss, *take_profit;
    } cases[] = {
        {"{\"symbol\":\"AAPL\",\"quantity\":100,\"order_type\":\"MARKET\",\"price\":150.50,\"stop_loss\":145."
         "00,"
         "\"take_profit\":160.00}",
         "AAPL", "BUY", "100", "MARKET", "DAY", "150.5", "145", "160"},
        {"{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}", "AAPL", "BUY", "1", "MARKET",
         "DAY", "", "", ""},
        {" {\n\t\"take_profit\" : null , "
         "\"order_type\":\"LIMIT\",\"price\":\"0.1\",\"side\":\"SELL\",\"symbol\":"
         "\"BRK.B\",\"time_in_force\":\"FOK\",\"quantity\":\"0.00000001\"} \r\n",
         "BRK.B", "SELL", "0.00000001", "LIMIT", "FOK", "0.1", "", ""},
        {"{\"symbol\":\"0-A.B\",\"quantity\":9999999999.99999999,\"order_type\":\"STOP\",\"price\":1e-8,"
         "\"time_in_force\":"
         "\"GTC\"}",
         "0-A.B", "BUY", "9999999999.99999999", "STOP", "GTC", "0.00000001", "", ""},
        {"{\"symbol\":\"ABCDEFGHIJKLMNOP\",\"quantity\":15e-1,\"order_type\":\"LIMIT\",\"price\":1.000000000,"
         "\"time_in_force\":\"IOC\"}",
         "ABCDEFGHIJKLMNOP", "BUY", "1.5", "LIMIT", "IOC", "1", "", ""},
        {"{\"symbol\":\"\\u0041APL\",\"quantity\":0.1,\"order_type\":\"MARKET\",\"price\":null,\"stop_loss\":"
         "null}",
         "AAPL", "BUY", "0.1", "MARKET", "DAY", "", "", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_request order;
        struct faults faults;
        char detail[JSON_BODY_DETAIL_MAX], quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
        char stop_loss[DECIMAL_TEXT_MAX], take_profit[DECIMAL_TEXT_MAX];
        cr_assert_eq(parse(cases[i].body, &order, &faults, detail), 0, "%s", cases[i].body);
        decimal_text(true, order.quantity, quantity);
        decimal_text(order.has_price, order.price, price);
        decimal_text(order.has_stop_loss, order.stop_loss, stop_loss);
        decimal_text(order.has_take_profit, order.take_profit, take_profit);
        cr_expect_str_eq(order.symbol, cases[i].symbol, "%s", cases[i].body);
        cr_expect_str_eq(side_text(order.side), cases[i].side, "%s", cases[i].body);
        cr_expect_str_eq(quantity, cases[i].quantity, "%s", cases[i].body);
        cr_expect_str_eq(order_type_text(order.order_type), cases[i].type, "%s", cases[i].body);
        cr_expect_str_eq(time_in_force_text(order.time_in_force), cases[i].tif, "%s", cases[i].body);
        cr_expect_str_eq(price, cases[i].price, "%s", cases[i].body);
        cr_expect_str_eq(stop_loss, cases[i].stop_loss, "%s", cases[i].body);
        cr_expect_str_eq(take_profit, cases[i].take_profit, "%s", cases[i].body);
    }
}

Test(new_order, what_is_no_json_is_malformed)
{
    static const char *const bodies[] = {
        "",
        " ",
        "{",
        "}",
        "x",
        "nul",
        "{\"symbol\":\"AAPL\"",
        "{\"symbol\":\"AAPL\",}",
        "{symbol:\"AAPL\"}",
        "{'symbol':'AAPL'}",
        "{\"quantity\":NaN}",
        "{\"quantity\":Infinity}",
        "{\"quantity\":-}",
        "{\"quantity\":+1}",
        "{\"quantity\":01}",
        "{\"quantity\":1.}",
        "{\"quantity\":.5}",
        "{\"quantity\":0x10}",
        "{\"quantity\":1e}",
        "{\"quantity\":1}}",
        "{\"quantity\":1} {\"quantity\":1}",
        "{\"quantity\":1}x",
        "{\"quantity\":1}/* comment */",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xf4\x90\x80\x80\"}",
        "\xef\xbb\xbf{}",
        "{\"a\":[[[[[[[[1]]]]]]]]}",
        "[[[[[[[[[1]]]]]]]]]",
    };

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct order_request order;
        struct faults faults;
        char detail[JSON_BODY_DETAIL_MAX] = "";
        cr_expect_eq(parse(bodies[i], &order, &faults, detail), -EBADMSG, "%s", bodies[i]);
        cr_expect(strlen(detail) > 20, "%s: '%s'", bodies[i], detail);
    }
}

Test(new_order, a_nul_byte_is_malformed)
{
    static const char body[] = "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}\0";
    struct order_request order;
    struct faults faults;
    char detail[JSON_BODY_DETAIL_MAX];

    cr_expect_eq(json_body_parse(&bodies_new_order, body, sizeof(body) - 1, &order, &faults, detail),
                 -EBADMSG);
    cr_expect_eq(json_body_parse(&bodies_new_order, body, sizeof(body) - 2, &order, &faults, detail), 0);
}

Test(new_order, depth_counts_from_the_body_itself)
{
    struct order_request order;
    struct faults faults;
    char detail[JSON_BODY_DETAIL_MAX];

    cr_expect_eq(parse("{\"a\":[[[[[[[1]]]]]]]}", &order, &faults, detail), -EINVAL, "8 deep is read");
    cr_expect_eq(parse("{\"a\":[[[[[[[[1]]]]]]]]}", &order, &faults, detail), -EBADMSG, "9 deep is not");
}

#define AND_THE_REST ",\"symbol\":\"AAPL\",\"order_type\":\"MARKET\"}"

Test(new_order, every_fault_is_told_with_its_pointer)
{
    static const struct {
        const char *body, *faults;
    } cases[] = {
        {"[]", "INVALID_TYPE "},
        {"[{\"symbol\":1}]", "INVALID_TYPE "},
        {"null", "INVALID_TYPE "},
        {"\"x\"", "INVALID_TYPE "},
        {"1e400", "INVALID_TYPE "},
        {"true", "INVALID_TYPE "},
        {"{}", "REQUIRED /symbol; REQUIRED /quantity; REQUIRED /order_type"},
        {"{\"quantity\":null" AND_THE_REST, "REQUIRED /quantity"},
        {"{\"quantity\":true" AND_THE_REST, "INVALID_TYPE /quantity"},
        {"{\"quantity\":{}" AND_THE_REST, "INVALID_TYPE /quantity"},
        {"{\"quantity\":[1,{\"symbol\":2}]" AND_THE_REST, "INVALID_TYPE /quantity"},
        {"{\"quantity\":\"\"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":\"1 \"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":\"NaN\"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":\"0x1\"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":\"1,000\"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":0" AND_THE_REST, "NOT_POSITIVE /quantity"},
        {"{\"quantity\":-0.0" AND_THE_REST, "NOT_POSITIVE /quantity"},
        {"{\"quantity\":\"-1\"" AND_THE_REST, "NOT_POSITIVE /quantity"},
        {"{\"quantity\":0e400" AND_THE_REST, "NOT_POSITIVE /quantity"},
        {"{\"quantity\":0.000000001" AND_THE_REST, "TOO_PRECISE /quantity"},
        {"{\"quantity\":1e-400" AND_THE_REST, "TOO_PRECISE /quantity"},
        {"{\"quantity\":1e400" AND_THE_REST, "OUT_OF_RANGE /quantity"},
        {"{\"quantity\":-1e400" AND_THE_REST, "OUT_OF_RANGE /quantity"},
        {"{\"quantity\":10000000000" AND_THE_REST, "OUT_OF_RANGE /quantity"},
        {"{\"quantity\":-10000000000" AND_THE_REST, "OUT_OF_RANGE /quantity"},
        {"{\"quantity\":92233720368.54775807" AND_THE_REST, "OUT_OF_RANGE /quantity"},
        {"{\"quantity\":1,\"quantity\":1" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":1,\"quantit\\u0079\":2" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":1,\"quantity\":\"x\"" AND_THE_REST, "INVALID_VALUE /quantity"},
        {"{\"quantity\":1,\"stoploss\":1" AND_THE_REST, "UNKNOWN_FIELD /stoploss"},
        {"{\"quantity\":1,\"Stop_Loss\":1" AND_THE_REST, "UNKNOWN_FIELD /Stop_Loss"},
        {"{\"quantity\":1,\"\":1" AND_THE_REST, "UNKNOWN_FIELD /"},
        {"{\"quantity\":1,\"a/b~c\":{\"quantity\":0}" AND_THE_REST, "UNKNOWN_FIELD /a~1b~0c"},
        {"{\"quantity\":1,\"price\":\"abc\"" AND_THE_REST, "INVALID_VALUE /price"},
        {"{\"quantity\":1,\"price\":0" AND_THE_REST, "NOT_POSITIVE /price"},
        {"{\"quantity\":1,\"stop_loss\":1.123456789" AND_THE_REST, "TOO_PRECISE /stop_loss"},
        {"{\"quantity\":1,\"take_profit\":[]" AND_THE_REST, "INVALID_TYPE /take_profit"},
        {"{\"quantity\":1,\"side\":null" AND_THE_REST, "INVALID_TYPE /side"},
        {"{\"quantity\":1,\"side\":\"buy\"" AND_THE_REST, "INVALID_VALUE /side"},
        {"{\"quantity\":1,\"side\":\"BUY\\u0000\"" AND_THE_REST, "INVALID_VALUE /side"},
        {"{\"quantity\":1,\"side\":1" AND_THE_REST, "INVALID_TYPE /side"},
        {"{\"quantity\":1,\"time_in_force\":\"GTD\"" AND_THE_REST, "INVALID_VALUE /time_in_force"},
        {"{\"quantity\":1,\"symbol\":\"aapl\",\"order_type\":\"MARKET\"}", "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":\"\",\"order_type\":\"MARKET\"}", "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":\".A\",\"order_type\":\"MARKET\"}", "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":\"A B\",\"order_type\":\"MARKET\"}", "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":\"AAPL\\u0000\",\"order_type\":\"MARKET\"}", "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":\"ABCDEFGHIJKLMNOPQ\",\"order_type\":\"MARKET\"}",
         "INVALID_VALUE /symbol"},
        {"{\"quantity\":1,\"symbol\":5,\"order_type\":\"MARKET\"}", "INVALID_TYPE /symbol"},
        {"{\"quantity\":1,\"symbol\":\"A\",\"order_type\":\"STOP_LIMIT\"}", "INVALID_VALUE /order_type"},
        {"{\"symbol\":7,\"quantity\":-1,\"stoploss\":1,\"price\":0.000000001}",
         "INVALID_TYPE /symbol; NOT_POSITIVE /quantity; UNKNOWN_FIELD /stoploss; TOO_PRECISE /price; "
         "REQUIRED "
         "/order_type"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_request order;
        struct faults faults;
        char detail[JSON_BODY_DETAIL_MAX], text[1024];
        cr_expect_eq(parse(cases[i].body, &order, &faults, detail), -EINVAL, "%s", cases[i].body);
        faults_text(&faults, text, sizeof(text));
        cr_expect_str_eq(text, cases[i].faults, "%s: %s", cases[i].body, text);
    }
}

Test(new_order, a_misspelt_name_is_answered_with_the_right_one)
{
    struct order_request order;
    struct faults faults;
    char detail[JSON_BODY_DETAIL_MAX];

    (void)parse("{\"quantity\":1,\"stopLoss\":1" AND_THE_REST, &order, &faults, detail);
    cr_expect_not_null(strstr(faults.items[0].message, "'stop_loss'"), "%s", faults.items[0].message);
}

Test(new_order, faults_carry_limit_and_actual)
{
    struct order_request order;
    struct faults faults;
    char detail[JSON_BODY_DETAIL_MAX];

    (void)parse("{\"quantity\":1e400" AND_THE_REST, &order, &faults, detail);
    cr_expect_str_eq(faults.items[0].limit, "9999999999.99999999");
    cr_expect_str_eq(faults.items[0].actual, "1e400");
}

Test(new_order, many_and_long_faults_are_bounded)
{
    static char body[JSON_BODY_MAX];
    struct order_request order;
    struct faults faults;
    char detail[JSON_BODY_DETAIL_MAX];
    size_t length = 0;

    body[length++] = '{';
    for (int i = 0; i < 300; i++)
        length += (size_t)snprintf(body + length, sizeof(body) - length,
                                   "%s\"\xc3\xa9\xc3\xa9~~~~~~~~~~~~~~~~~~~~%d\":1", i == 0 ? "" : ",", i);
    body[length++] = '}';
    cr_assert_eq(json_body_parse(&bodies_new_order, body, length, &order, &faults, detail), -EINVAL);
    cr_expect_eq(faults.count, (size_t)FAULTS_MAX);
    cr_expect_lt(strlen(faults.items[0].field), sizeof(faults.items[0].field));
    cr_expect_str_eq(faults.items[0].field, "/\xc3\xa9\xc3\xa9~0~0~0~0~0~0~0~0~0~0~0~0~0");
}
