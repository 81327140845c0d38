-- Orders of the owned lanes ($1) with ids past $2 that wait to be claimed, at most $3: those that no message brought. The fence (OFFSET 0)
-- has each open order read by its id, however many are open.
SELECT oo.lane, oo.order_id
FROM oxe.open_orders oo
CROSS JOIN LATERAL (SELECT execution_state, cancel_requested_at FROM oxe.orders WHERE id = oo.order_id OFFSET 0) AS o
WHERE oo.lane = ANY ($1::smallint[]) AND oo.order_id > $2 AND o.execution_state = 'ADMITTED' AND o.cancel_requested_at IS NULL
LIMIT $3
