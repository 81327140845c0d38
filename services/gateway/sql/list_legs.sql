-- The same of the legs of one order, $7, of which there are few.
SELECT id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit, status,
       execution_state, attempts, oxe.us(next_check_at) AS next_check_at, filled_quantity, average_price, reason, idempotent_key,
       parent_order_id, oxe.us(cancel_requested_at) AS cancel_requested_at, oxe.us(created_at) AS created_at,
       oxe.us(updated_at) AS updated_at
FROM oxe.orders
WHERE parent_order_id = $7::uuid AND trader_id = $1::uuid AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND ($8::oxe.order_status IS NULL OR status = $8)
  AND ($3::text IS NULL OR symbol = $3)
  AND ($4::bigint IS NULL OR created_at >= oxe.ts($4))
  AND ($5::bigint IS NULL OR created_at < oxe.ts($5))
  AND ($9::oxe.execution_state IS NULL OR execution_state = $9)
ORDER BY id DESC
LIMIT $6::integer
