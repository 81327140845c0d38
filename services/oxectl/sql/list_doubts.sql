-- Orders whose fate at the exchange is not known, oldest first: in doubt, or DONE here and perhaps alive there. $1: at most so many.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT o.id, o.symbol, o.side, o.quantity, o.filled_quantity, o.attempts, o.execution_state, o.status, o.reason, o.recalls, o.next_check_at, o.lane,
           (SELECT string_agg(c.kind || coalesce(' ' || c.action, ''), ', ') FROM oxe.commands c WHERE c.order_id = o.id) AS commands
      FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
     WHERE o.execution_state IN ('IN_DOUBT', 'DONE') ORDER BY o.id LIMIT $1::int
) AS t
