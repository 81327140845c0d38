-- $1 trader ids, $2 what their orders reserve, $3 how many orders; side by side. The rows are locked.
UPDATE oxe.traders t
   SET reserved = t.reserved + r.reserved, open_orders = t.open_orders + r.open_orders
  FROM unnest($1::uuid[], $2::numeric[], $3::integer[]) AS r (id, reserved, open_orders)
 WHERE t.id = r.id
