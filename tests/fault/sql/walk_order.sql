-- All that is known here of the order $1, for people: its row, its trail, its fills, what was put aside.
SELECT format('%s %s %s: %s %s %s %s at %s, %s filled, reserved %s, lane %s, attempts %s, parent %s, sibling %s, protects %s, key %s, '
              'reason %s, cancel %s, %s', o.id, t.subject, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.price,
              o.filled_quantity, o.reserved, o.lane, o.attempts, o.parent_order_id, o.sibling_order_id, o.protects_quantity,
              o.idempotent_key, o.reason, o.cancel_requested_at, (o.status, o.execution_state))
  FROM oxe.orders o JOIN oxe.traders t ON t.id = o.trader_id WHERE o.id = $1::uuid
UNION ALL
(SELECT format('  %s %s %s %s %s: quantity %s at %s, %s filled; %s %s (%s)', log_seq, timestamp, action, status, execution_state, quantity,
               price, total_filled, reason, message, actor)
   FROM oxe.execution_logs WHERE order_id = $1::uuid ORDER BY log_seq)
UNION ALL
(SELECT format('  fill %s: %s at %s %s, recorded %s', venue_exec_id, quantity_filled, price_at_fill, flag, recorded_at)
   FROM oxe.fills WHERE order_id = $1::uuid ORDER BY recorded_at)
UNION ALL
SELECT format('  put aside: %s %s', kind, detail) FROM oxe.put_aside WHERE order_id = $1::uuid
