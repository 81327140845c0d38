-- The fills that are on record under the executions just reported. $3: the venue.
SELECT f.order_id, f.venue_exec_id, f.quantity_filled, f.price_at_fill
FROM oxe.fills f
JOIN (SELECT DISTINCT order_id, venue_exec_id FROM unnest($1::uuid[], $2::text[]) AS r (order_id, venue_exec_id)) AS reported
  ON f.order_id = reported.order_id AND f.venue = $3 AND f.venue_exec_id = reported.venue_exec_id
