-- What the turn has added to accounts. Sorted, because each row is locked as it is reached; before the positions.
UPDATE oxe.traders t
SET cash = t.cash + u.cash, reserved = t.reserved + u.reserved, open_orders = t.open_orders + u.open_orders
FROM (SELECT * FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::integer[]) AS v (id, cash, reserved, open_orders)
      ORDER BY id OFFSET 0) AS u
WHERE t.id = u.id
