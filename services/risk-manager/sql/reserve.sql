-- $1 trader ids, $2 what their orders reserve, $3 how many orders, $4 what they add to the day's notional; side by side. Sorted, because
-- each row is locked as it is reached.
UPDATE oxe.traders t
   SET reserved = t.reserved + r.reserved, open_orders = t.open_orders + r.open_orders, daily_notional = t.daily_notional + r.notional
  FROM (SELECT * FROM unnest($1::uuid[], $2::numeric[], $3::integer[], $4::numeric[]) AS u (id, reserved, open_orders, notional)
         ORDER BY id OFFSET 0) AS r
 WHERE t.id = r.id
