INSERT INTO oxe.open_orders (lane, order_id)
SELECT u.lane, u.order_id
FROM unnest($1::smallint[], $2::uuid[]) AS u (lane, order_id)
ON CONFLICT DO NOTHING
