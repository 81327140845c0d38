DELETE FROM oxe.open_orders oo
USING unnest($1::smallint[], $2::uuid[]) AS u (lane, order_id)
WHERE oo.lane = u.lane AND oo.order_id = u.order_id
