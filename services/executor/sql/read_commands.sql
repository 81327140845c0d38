-- What was asked about orders of the owned lanes ($1) and is not carried out yet, at most $2.
SELECT c.id, c.lane, c.order_id, o.trader_id, o.symbol, c.kind, c.action, c.quantity, c.price, c.venue_exec_id, c.actor, c.trace_id
FROM oxe.commands c
JOIN oxe.orders o ON o.id = c.order_id
WHERE c.lane = ANY ($1::smallint[])
ORDER BY c.lane, c.order_id, c.created_at, c.id
LIMIT $2
