-- The claim before the write: only what this commits may go to the exchange. $1 the orders, $2 the owned lanes, $3 now, $4 how
-- many microseconds later the first answer is missed.
WITH claimed AS (
    SELECT id FROM oxe.orders
    WHERE id = ANY ($1::uuid[]) AND lane = ANY ($2::smallint[]) AND execution_state = 'ADMITTED'
      AND cancel_requested_at IS NULL AND (expires_at IS NULL OR expires_at > oxe.ts($3))
    ORDER BY id
    FOR NO KEY UPDATE)
UPDATE oxe.orders o
SET execution_state = 'SENT', attempts = o.attempts + 1, next_check_at = oxe.ts($3 + $4), updated_at = oxe.ts($3)
FROM claimed
WHERE o.id = claimed.id
RETURNING o.id, o.trader_id, o.symbol, o.side, o.order_type, o.time_in_force, o.quantity, o.price, o.status, o.execution_state,
       o.lane, o.attempts, o.filled_quantity, o.filled_notional, o.average_price, o.reserve_price, o.reserve_quantity, o.reserved,
       o.reason, o.venue_order_id, o.trace_id, oxe.us(o.cancel_requested_at), oxe.us(o.expires_at), oxe.us(o.created_at),
       oxe.us(o.next_check_at), o.stop_loss, o.take_profit, o.stop_loss_order_id, o.take_profit_order_id, o.parent_order_id,
       o.sibling_order_id, o.protects_quantity
