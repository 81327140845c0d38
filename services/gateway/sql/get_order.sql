SELECT id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit, status,
       execution_state, attempts, oxe.us(next_check_at) AS next_check_at, filled_quantity, average_price, reason, idempotent_key,
       parent_order_id, oxe.us(cancel_requested_at) AS cancel_requested_at, oxe.us(created_at) AS created_at,
       oxe.us(updated_at) AS updated_at
FROM oxe.orders
WHERE id = $1::uuid
