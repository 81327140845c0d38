-- $1 trader ids, $2 idempotency keys, side by side. Looks for the first key not below the wanted one and then compares: the same row,
-- and only the index of (trader_id, idempotent_key) has that order. A plain join, planned while the table is empty, may settle on
-- (trader_id, id) and then read all orders of a trader for ever.
SELECT r.place - 1, o.fingerprint, o.rejection,
       o.id, o.trader_id, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.price, o.stop_loss, o.take_profit,
       o.status, o.execution_state, o.attempts, oxe.us(o.next_check_at) AS next_check_at, o.filled_quantity, o.average_price,
       o.reason, o.idempotent_key, o.parent_order_id, oxe.us(o.cancel_requested_at) AS cancel_requested_at,
       oxe.us(o.created_at) AS created_at, oxe.us(o.updated_at) AS updated_at
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS r (trader_id, key, place)
 CROSS JOIN LATERAL (SELECT *
                       FROM oxe.orders
                      WHERE (trader_id, idempotent_key) >= (r.trader_id, r.key)
                      ORDER BY trader_id, idempotent_key
                      LIMIT 1) AS o
 WHERE o.trader_id = r.trader_id AND o.idempotent_key = r.key
