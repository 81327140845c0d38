       -- An order's execution record, as order_row.c reads it; of oxe.orders o.
       o.id, o.trader_id, o.symbol, o.side, o.order_type, o.time_in_force, o.quantity, o.price, o.status, o.execution_state, o.lane,
       o.attempts, o.filled_quantity, o.filled_notional, o.average_price, o.reserve_price, o.reserve_quantity, o.reserved, o.reason,
       o.venue_order_id, o.trace_id, oxe.us(o.cancel_requested_at) AS cancel_requested_at, oxe.us(o.expires_at) AS expires_at,
       oxe.us(o.created_at) AS created_at, oxe.us(o.next_check_at) AS next_check_at, o.stop_loss, o.take_profit,
       o.stop_loss_order_id, o.take_profit_order_id, o.parent_order_id, o.sibling_order_id, o.protects_quantity, o.venue_known,
       o.recalls
