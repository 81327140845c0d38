-- What is still on its way, a line each.
SELECT format('order %s %s %s%s, checked %s, %s attempts, %s', o.id, o.execution_state, o.status,
              CASE WHEN o.cancel_requested_at IS NULL THEN '' ELSE ', cancel requested' END, o.next_check_at, o.attempts, o.reason)
  FROM oxe.open_orders p JOIN oxe.orders o ON o.id = p.order_id
 WHERE o.execution_state <> 'WORKING' OR o.cancel_requested_at IS NOT NULL
UNION ALL
SELECT format('%s rows in the outbox', count(*)) FROM oxe.outbox HAVING count(*) > 0
UNION ALL
SELECT format('command %s %s of order %s', kind, action, order_id) FROM oxe.commands
UNION ALL
SELECT format('halt %s still cancels', id) FROM oxe.halts WHERE cancels_open
 LIMIT 20
