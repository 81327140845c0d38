UPDATE oxe.traders t
SET cash = u.cash, reserved = u.reserved, open_orders = u.open_orders
FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::integer[]) AS u (id, cash, reserved, open_orders)
WHERE t.id = u.id
