/* SPDX-License-Identifier: Apache-2.0 */
#include "services/validator/validate.h"

static bool needs_price(const struct order_request *order)
{
    return order->order_type != ORDER_TYPE_MARKET;
}

static void check_symbol(const struct instrument *instrument, const struct order_request *order,
                         struct fault_list *list)
{
    if (instrument == NULL) {
        fault_add(list, REJECT_UNKNOWN_SYMBOL, "/symbol", NULL, order->symbol,
                  "There is no instrument %s; take a symbol from the list of instruments.", order->symbol);
    } else if (!instrument->tradable) {
        fault_add(list, REJECT_SYMBOL_NOT_TRADABLE, "/symbol", NULL, order->symbol,
                  "%s cannot be traded now; try again when its instrument is tradable.", order->symbol);
    }
}

/* The multiples of step next to a value, for the next step of the sentence. Zero is no price and no quantity.
 */
static void add_step_fault(struct fault_list *list, enum reject_code code, const char *field,
                           const char *what, const char *step_name, struct decimal value, struct decimal step)
{
    struct decimal below = decimal_from_units(value.units - value.units % step.units);
    struct decimal above;

    if (decimal_add(below, step, &above) < 0)
        above = below;
    if (decimal_is_positive(below) && decimal_compare(below, above) != 0)
        fault_add(list, code, field, fault_decimal(step).text, fault_decimal(value).text,
                  "%s %s is not a multiple of the %s %s; send the nearest, %s or %s.", what,
                  fault_decimal(value).text, step_name, fault_decimal(step).text, fault_decimal(below).text,
                  fault_decimal(above).text);
    else
        fault_add(list, code, field, fault_decimal(step).text, fault_decimal(value).text,
                  "%s %s is not a multiple of the %s %s; send the nearest, %s.", what,
                  fault_decimal(value).text, step_name, fault_decimal(step).text, fault_decimal(above).text);
}

static void check_lot(const struct instrument *instrument, const struct order_request *order,
                      struct fault_list *list)
{
    if (!decimal_is_multiple(order->quantity, instrument->lot_size))
        add_step_fault(list, REJECT_LOT_SIZE, "/quantity", "The quantity", "lot size", order->quantity,
                       instrument->lot_size);
}

static void check_ticks(const struct instrument *instrument, const struct order_request *order,
                        struct fault_list *list)
{
    const struct {
        bool present;
        struct decimal value;
        const char *field;
        const char *what;
    } prices[] = {
        /* The price of a MARKET order is only a reference (an average, a mid): it never reaches the exchange.
         */
        {order->has_price && needs_price(order), order->price, "/price", "The price"},
        {order->has_stop_loss, order->stop_loss, "/stop_loss", "The stop loss"},
        {order->has_take_profit, order->take_profit, "/take_profit", "The take profit"},
    };

    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        if (prices[i].present && !decimal_is_multiple(prices[i].value, instrument->tick_size))
            add_step_fault(list, REJECT_TICK_SIZE, prices[i].field, prices[i].what, "tick size",
                           prices[i].value, instrument->tick_size);
    }
}

static void check_price(const struct order_request *order, struct fault_list *list)
{
    if (needs_price(order) && !order->has_price)
        fault_add(list, REJECT_PRICE_REQUIRED, "/price", NULL, NULL, "A %s order needs a price; add the %s.",
                  order_type_text(order->order_type),
                  order->order_type == ORDER_TYPE_STOP ? "trigger" : "limit");
}

size_t validate_order(const struct instrument *instrument, const struct order_request *order,
                      struct fault faults[static VALIDATE_FAULTS_MAX])
{
    struct fault_list list = {.faults = faults, .max = VALIDATE_FAULTS_MAX};

    check_symbol(instrument, order, &list);
    check_price(order, &list);
    if (instrument != NULL) {
        check_lot(instrument, order, &list);
        check_ticks(instrument, order, &list);
    }
    return list.count;
}
