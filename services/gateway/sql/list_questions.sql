-- Orders whose fate at the exchange is not known, oldest first: in doubt, or DONE here and perhaps alive there. $1: at most so many.
SELECT o.id, o.trader_id, o.symbol, o.side, o.order_type, o.quantity, o.price, o.filled_quantity, o.average_price, o.status, o.execution_state,
       o.reason, o.attempts, oxe.us(o.next_check_at) AS next_check_at, o.recalls, o.lane,
       (SELECT string_agg(c.kind || coalesce(' ' || c.action, ''), ', ') FROM oxe.commands c WHERE c.order_id = o.id) AS commands,
       oxe.us(o.created_at) AS created_at, oxe.us(o.updated_at) AS updated_at
FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
WHERE o.execution_state IN ('IN_DOUBT', 'DONE')
ORDER BY o.id
LIMIT $1::integer
