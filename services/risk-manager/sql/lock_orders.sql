-- $1 order ids, perhaps some twice.
SELECT r.place - 1, o.lane, o.recalls IS NOT NULL, o.recalls IS NOT NULL AND o.next_check_at IS NOT NULL,
       o.id, o.trader_id, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.price, o.stop_loss, o.take_profit,
       o.status, o.execution_state, o.attempts, oxe.us(o.next_check_at) AS next_check_at, o.filled_quantity, o.average_price,
       o.reason, o.idempotent_key, o.parent_order_id, oxe.us(o.cancel_requested_at) AS cancel_requested_at,
       oxe.us(o.created_at) AS created_at, oxe.us(o.updated_at) AS updated_at
  FROM unnest($1::uuid[]) WITH ORDINALITY AS r (id, place)
  JOIN oxe.orders o ON o.id = r.id
 ORDER BY o.id
   FOR NO KEY UPDATE OF o
