/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/order_row.h"

#include <stdio.h>
#include <string.h>

/* The columns of the SELECT list. */
enum {
    ID,
    TRADER_ID,
    SYMBOL,
    SIDE,
    ORDER_TYPE,
    TIME_IN_FORCE,
    QUANTITY,
    PRICE,
    STATUS,
    EXECUTION_STATE,
    LANE,
    ATTEMPTS,
    FILLED_QUANTITY,
    FILLED_NOTIONAL,
    AVERAGE_PRICE,
    RESERVE_PRICE,
    RESERVE_QUANTITY,
    RESERVED,
    REASON,
    VENUE_ORDER_ID,
    TRACE_ID,
    CANCEL_REQUESTED_AT,
    EXPIRES_AT,
    CREATED_AT,
    NEXT_CHECK_AT,
    STOP_LOSS,
    TAKE_PROFIT,
    STOP_LOSS_ORDER_ID,
    TAKE_PROFIT_ORDER_ID,
    PARENT_ORDER_ID,
    SIBLING_ORDER_ID,
    PROTECTS_QUANTITY,
    VENUE_KNOWN,
    RECALLS
};

static void copy(char *to, size_t max, const char *from)
{
    (void)snprintf(to, max, "%s", from);
}

/* The database's types hold the words of proto/order.h only, so a word that cannot be read leaves zero. */
static void read_words(const PGresult *result, int row, struct execution *order)
{
    const char *side = db_get_text(result, row, SIDE), *type = db_get_text(result, row, ORDER_TYPE);
    const char *time_in_force = db_get_text(result, row, TIME_IN_FORCE);
    const char *status = db_get_text(result, row, STATUS), *state = db_get_text(result, row, EXECUTION_STATE);
    (void)side_parse(side, strlen(side), &order->side);
    (void)order_type_parse(type, strlen(type), &order->order_type);
    (void)time_in_force_parse(time_in_force, strlen(time_in_force), &order->time_in_force);
    (void)order_status_parse(status, strlen(status), &order->status);
    (void)execution_state_parse(state, strlen(state), &order->state);
}

void order_row_read(const PGresult *result, int row, struct execution *ret_order)
{
    struct execution *order = ret_order;
    *order = (struct execution){
        .id = db_get_uuid(result, row, ID),
        .trader_id = db_get_uuid(result, row, TRADER_ID),
        .quantity = db_get_decimal(result, row, QUANTITY),
        .price = db_get_decimal(result, row, PRICE),
        .lane = (int)db_get_i64(result, row, LANE),
        .attempts = (int)db_get_i64(result, row, ATTEMPTS),
        .filled = db_get_decimal(result, row, FILLED_QUANTITY),
        .notional = db_get_decimal(result, row, FILLED_NOTIONAL),
        .average = db_get_decimal(result, row, AVERAGE_PRICE),
        .reserve_price = db_get_decimal(result, row, RESERVE_PRICE),
        .reserve_quantity = db_get_decimal(result, row, RESERVE_QUANTITY),
        .reserved = db_get_decimal(result, row, RESERVED),
        .cancel_requested_at = db_get_instant(result, row, CANCEL_REQUESTED_AT),
        .expires_at = db_get_instant(result, row, EXPIRES_AT),
        .created_at = db_get_instant(result, row, CREATED_AT),
        .decided_at = db_get_instant(result, row, CREATED_AT),
        .next_check_at = db_get_instant(result, row, NEXT_CHECK_AT),
        .leg_prices = {[EXECUTE_STOP_LOSS] = db_get_decimal(result, row, STOP_LOSS),
                       [EXECUTE_TAKE_PROFIT] = db_get_decimal(result, row, TAKE_PROFIT)},
        .leg_ids = {[EXECUTE_STOP_LOSS] = db_get_uuid(result, row, STOP_LOSS_ORDER_ID),
                    [EXECUTE_TAKE_PROFIT] = db_get_uuid(result, row, TAKE_PROFIT_ORDER_ID)},
        .parent_id = db_get_uuid(result, row, PARENT_ORDER_ID),
        .sibling_id = db_get_uuid(result, row, SIBLING_ORDER_ID),
        .protects = db_get_decimal(result, row, PROTECTS_QUANTITY),
        .venue_known = db_get_bool(result, row, VENUE_KNOWN),
        .recalled = !db_is_null(result, row, RECALLS),
        .recalls = (int)db_get_i64(result, row, RECALLS),
    };
    copy(order->symbol, sizeof(order->symbol), db_get_text(result, row, SYMBOL));
    copy(order->reason, sizeof(order->reason), db_get_text(result, row, REASON));
    copy(order->venue_order_id, sizeof(order->venue_order_id), db_get_text(result, row, VENUE_ORDER_ID));
    if (!db_is_null(result, row, TRACE_ID))
        (void)db_get_bytes(result, row, TRACE_ID, order->trace_id, sizeof(order->trace_id));
    read_words(result, row, order);
}
