-- Orders whose fate at the exchange is not known, oldest first: in doubt, or DONE here and perhaps alive there. $1: at most so many.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT o.id, o.symbol, o.side, trim_scale(o.quantity) AS quantity, trim_scale(o.filled_quantity) AS filled_quantity,
           o.attempts, o.execution_state, o.status, o.reason, o.recalls,
           to_char(o.next_check_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS next_check_at, o.lane,
           (SELECT string_agg(c.kind || coalesce(' ' || c.action, ''), ', ') FROM oxe.commands c WHERE c.order_id = o.id) AS commands
      FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
     WHERE o.execution_state IN ('IN_DOUBT', 'DONE') ORDER BY o.id LIMIT $1::int
) AS t
