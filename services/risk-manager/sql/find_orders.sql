-- $1 trader ids, $2 idempotency keys, side by side
SELECT r.place - 1,
       o.id, o.trader_id, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.price, o.stop_loss, o.take_profit,
       o.status, o.execution_state, o.attempts, oxe.us(o.next_check_at), o.filled_quantity, o.average_price, o.reason,
       o.idempotent_key, o.parent_order_id, oxe.us(o.cancel_requested_at), oxe.us(o.created_at), oxe.us(o.updated_at),
       o.fingerprint, o.rejection
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS r (trader_id, key, place)
  JOIN oxe.orders o ON o.trader_id = r.trader_id AND o.idempotent_key = r.key
