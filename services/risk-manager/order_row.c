/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/order_row.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void order_row_read(const PGresult *result, int row, struct order_view *ret_order)
{
    struct order_view order = {.id = db_get_uuid(result, row, 1),
                               .trader_id = db_get_uuid(result, row, 2),
                               .quantity = db_get_decimal(result, row, 5),
                               .has_price = !db_is_null(result, row, 8),
                               .price = db_get_decimal(result, row, 8),
                               .has_stop_loss = !db_is_null(result, row, 9),
                               .stop_loss = db_get_decimal(result, row, 9),
                               .has_take_profit = !db_is_null(result, row, 10),
                               .take_profit = db_get_decimal(result, row, 10),
                               .attempts = (uint64_t)db_get_i64(result, row, 13),
                               .has_next_check_at = !db_is_null(result, row, 14),
                               .next_check_at = db_get_instant(result, row, 14),
                               .filled_quantity = db_get_decimal(result, row, 15),
                               .has_average_price = !db_is_null(result, row, 16),
                               .average_price = db_get_decimal(result, row, 16),
                               .has_parent_order_id = !db_is_null(result, row, 19),
                               .parent_order_id = db_get_uuid(result, row, 19),
                               .has_cancel_requested_at = !db_is_null(result, row, 20),
                               .cancel_requested_at = db_get_instant(result, row, 20),
                               .created_at = db_get_instant(result, row, 21),
                               .updated_at = db_get_instant(result, row, 22)};
    const char *word = db_get_text(result, row, 4);
    int r = side_parse(word, strlen(word), &order.side);

    word = db_get_text(result, row, 6);
    r |= order_type_parse(word, strlen(word), &order.order_type);
    word = db_get_text(result, row, 7);
    r |= time_in_force_parse(word, strlen(word), &order.time_in_force);
    word = db_get_text(result, row, 11);
    r |= order_status_parse(word, strlen(word), &order.status);
    word = db_get_text(result, row, 12);
    r |= execution_state_parse(word, strlen(word), &order.execution_state);
    assert(r == 0); /* the database's enums are these words */
    (void)snprintf(order.symbol, sizeof(order.symbol), "%s", db_get_text(result, row, 3));
    (void)snprintf(order.reason, sizeof(order.reason), "%s", db_get_text(result, row, 17));
    (void)snprintf(order.idempotent_key, sizeof(order.idempotent_key), "%s", db_get_text(result, row, 18));
    *ret_order = order;
}
