-- Orders of the owned lanes ($1) with ids past $2 that wait to be claimed, at most $3: those that no message brought.
SELECT oo.lane, oo.order_id
FROM oxe.open_orders oo
JOIN oxe.orders o ON o.id = oo.order_id
WHERE oo.lane = ANY ($1::smallint[]) AND oo.order_id > $2 AND o.execution_state = 'ADMITTED' AND o.cancel_requested_at IS NULL
LIMIT $3
