-- The same of the legs of one order, $9, of which there are few.
SELECT id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit, status,
       execution_state, attempts, oxe.us(next_check_at) AS next_check_at, filled_quantity, average_price, reason, idempotent_key,
       parent_order_id, oxe.us(cancel_requested_at) AS cancel_requested_at, oxe.us(created_at) AS created_at,
       oxe.us(updated_at) AS updated_at
FROM oxe.orders
WHERE parent_order_id = $9::uuid AND trader_id = $1::uuid AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND ($3::oxe.order_status IS NULL OR status = $3)
  AND ($4::text IS NULL OR symbol = $4)
  AND ($5::bigint IS NULL OR created_at >= oxe.ts($5))
  AND ($6::bigint IS NULL OR created_at < oxe.ts($6))
  AND ($8::oxe.execution_state IS NULL OR execution_state = $8)
ORDER BY id DESC
LIMIT $7::integer
