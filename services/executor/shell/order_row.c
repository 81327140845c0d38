/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/order_row.h"

#define FIELD(column, member)      ROW_FIELD(struct execution, column, member)
#define OPTIONAL(column, member)   ROW_OPTIONAL(struct execution, column, member)
#define WORD(column, member, text) ROW_WORD(struct execution, column, member, text)

static const struct schema_field fields[] = {
    FIELD(id, id),
    FIELD(trader_id, trader_id),
    FIELD(symbol, symbol),
    WORD(side, side, side_text),
    WORD(order_type, order_type, order_type_text),
    WORD(time_in_force, time_in_force, time_in_force_text),
    FIELD(quantity, quantity),
    OPTIONAL(price, price),
    WORD(status, status, order_status_text),
    WORD(execution_state, state, execution_state_text),
    FIELD(lane, lane),
    FIELD(attempts, attempts),
    FIELD(filled_quantity, filled),
    FIELD(filled_notional, notional),
    OPTIONAL(average_price, average),
    FIELD(reserve_price, reserve_price),
    FIELD(reserve_quantity, reserve_quantity),
    FIELD(reserved, reserved),
    OPTIONAL(reason, reason),
    OPTIONAL(venue_order_id, venue_order_id),
    OPTIONAL(trace_id, trace_id),
    OPTIONAL(cancel_requested_at, cancel_requested_at),
    OPTIONAL(expires_at, expires_at),
    FIELD(created_at, created_at),
    FIELD(created_at, decided_at), /* unless it is decided anew */
    OPTIONAL(next_check_at, next_check_at),
    OPTIONAL(stop_loss, leg_prices[EXECUTE_STOP_LOSS]),
    OPTIONAL(take_profit, leg_prices[EXECUTE_TAKE_PROFIT]),
    OPTIONAL(stop_loss_order_id, leg_ids[EXECUTE_STOP_LOSS]),
    OPTIONAL(take_profit_order_id, leg_ids[EXECUTE_TAKE_PROFIT]),
    OPTIONAL(parent_order_id, parent_id),
    OPTIONAL(sibling_order_id, sibling_id),
    FIELD(protects_quantity, protects),
    FIELD(venue_known, venue_known),
    ROW_FLAGGED(struct execution, recalls, recalled, recalls),
    OPTIONAL(renumbered, questions.renumbered), /* of load_lane alone */
};
const struct schema_record order_row_record = ROW_RECORD(struct execution, fields);
