/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/new_order.h"

#include <string.h>

#include "common/utf8.h"

enum member {
    SYMBOL,
    SIDE,
    QUANTITY,
    ORDER_TYPE,
    TIME_IN_FORCE,
    PRICE,
    STOP_LOSS,
    TAKE_PROFIT,
    MEMBER_COUNT
};

#define A_TEXT   "a string"
#define A_NUMBER "a number, or a string that holds one"

static const struct json_member members[MEMBER_COUNT] = {
    [SYMBOL] = {"symbol", A_TEXT, .required = true},
    [SIDE] = {"side", A_TEXT},
    [QUANTITY] = {"quantity", A_NUMBER, .required = true},
    [ORDER_TYPE] = {"order_type", A_TEXT, .required = true},
    [TIME_IN_FORCE] = {"time_in_force", A_TEXT},
    [PRICE] = {"price", A_NUMBER, .nullable = true},
    [STOP_LOSS] = {"stop_loss", A_NUMBER, .nullable = true},
    [TAKE_PROFIT] = {"take_profit", A_NUMBER, .nullable = true},
};

static void take_symbol(struct order_request *order, const char *text, size_t length, struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    if (order_is_symbol(text, length)) {
        utf8_copy(order->symbol, sizeof(order->symbol), text, length);
        return;
    }
    json_body_quote(actual, text, length);
    faults_add(
        faults, members[SYMBOL].name, REJECT_INVALID_VALUE, NULL, actual,
        "The member 'symbol' is '%s'; send 1 to 16 of A to Z, 0 to 9, point and hyphen, of which the first "
        "is a letter or a digit.",
        actual);
}

static void not_the_word(enum member member, const char *words, const char *text, size_t length,
                         struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    json_body_quote(actual, text, length);
    faults_add(faults, members[member].name, REJECT_INVALID_VALUE, NULL, actual,
               "The member '%s' is '%s'; send %s, in capitals.", members[member].name, actual, words);
}

static void take_text(struct order_request *order, enum member member, const char *text, size_t length,
                      struct faults *faults)
{
    switch (member) {
    case SIDE:
        if (side_parse(text, length, &order->side) < 0)
            not_the_word(member, "BUY or SELL", text, length, faults);
        return;
    case ORDER_TYPE:
        if (order_type_parse(text, length, &order->order_type) < 0)
            not_the_word(member, "MARKET, LIMIT or STOP", text, length, faults);
        return;
    case TIME_IN_FORCE:
        if (time_in_force_parse(text, length, &order->time_in_force) < 0)
            not_the_word(member, "DAY, GTC, IOC or FOK", text, length, faults);
        return;
    default:
        take_symbol(order, text, length, faults);
    }
}

static void take(void *context, size_t member, bool is_string, const char *text, size_t length,
                 struct faults *faults)
{
    struct order_request *order = context;
    const struct json_member *def = &members[member];

    switch ((enum member)member) {
    case QUANTITY:
        (void)json_body_take_decimal(def, text, length, &order->quantity, faults);
        return;
    case PRICE:
        order->has_price = json_body_take_decimal(def, text, length, &order->price, faults);
        return;
    case STOP_LOSS:
        order->has_stop_loss = json_body_take_decimal(def, text, length, &order->stop_loss, faults);
        return;
    case TAKE_PROFIT:
        order->has_take_profit = json_body_take_decimal(def, text, length, &order->take_profit, faults);
        return;
    default:
        if (is_string)
            take_text(order, (enum member)member, text, length, faults);
        else
            json_body_wrong_type(def, "a number", faults);
    }
}

int new_order_parse(const char *body, size_t length, struct order_request *order, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    order->symbol[0] = '\0';
    order->side = SIDE_BUY;
    order->time_in_force = TIME_IN_FORCE_DAY;
    order->has_price = order->has_stop_loss = order->has_take_profit = false;
    return json_body_parse(body, length, members, MEMBER_COUNT, take, order, NULL, ret_faults, ret_detail);
}
