/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/event_row.h"

#include <string.h>

#include "common/db.h"
#include "services/gateway/edge/faults.h"

void event_row_read(const PGresult *rows, int row, struct event *ret_event)
{
    const char *action = db_get_text(rows, row, 3), *status = db_get_text(rows, row, 4);
    const char *state = db_get_text(rows, row, 5), *symbol = db_get_text(rows, row, 6);
    const char *reason = db_get_text(rows, row, 11), *message = db_get_text(rows, row, 12);
    const char *side = db_get_text(rows, row, 14);

    *ret_event = (struct event){
        .event_id = db_get_uuid(rows, row, 1),
        .has_order_id = !db_is_null(rows, row, 2),
        .order_id = db_get_uuid(rows, row, 2),
        .has_quantity = !db_is_null(rows, row, 7),
        .quantity = db_get_decimal(rows, row, 7),
        .has_price = !db_is_null(rows, row, 8),
        .price = db_get_decimal(rows, row, 8),
        .has_total_filled = !db_is_null(rows, row, 9),
        .total_filled = db_get_decimal(rows, row, 9),
        .has_average_price = !db_is_null(rows, row, 10),
        .average_price = db_get_decimal(rows, row, 10),
        .occurred_at = db_get_instant(rows, row, 13),
    };
    (void)audit_action_parse(action, strlen(action), &ret_event->action);
    ret_event->has_status = order_status_parse(status, strlen(status), &ret_event->status) == 0;
    ret_event->has_execution_state =
        execution_state_parse(state, strlen(state), &ret_event->execution_state) == 0;
    ret_event->has_side = side_parse(side, strlen(side), &ret_event->side) == 0;
    faults_copy_text(ret_event->symbol, sizeof(ret_event->symbol), symbol, strlen(symbol));
    faults_copy_text(ret_event->reason, sizeof(ret_event->reason), reason, strlen(reason));
    faults_copy_text(ret_event->message, sizeof(ret_event->message), message, strlen(message));
}
