-- What orders that were decided anew ($1) reserve: a unit's price ($2), and of how much ($3). write_orders.sql writes the sum.
UPDATE oxe.orders o
SET reserve_price = u.reserve_price, reserve_quantity = u.reserve_quantity
FROM unnest($1::uuid[], $2::numeric[], $3::numeric[]) AS u (id, reserve_price, reserve_quantity)
WHERE o.id = u.id
