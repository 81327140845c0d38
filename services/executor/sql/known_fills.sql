-- The fills that are on record under the executions just reported. $3: the venue. OFFSET 0 keeps this one look into the index per
-- execution: a plain join, planned while the table is empty, reads all fills again and again until somebody analyzes it.
SELECT f.order_id, f.venue_exec_id, f.quantity_filled, f.price_at_fill
FROM (SELECT DISTINCT order_id, venue_exec_id FROM unnest($1::uuid[], $2::text[]) AS r (order_id, venue_exec_id)) AS reported
CROSS JOIN LATERAL (SELECT * FROM oxe.fills
                    WHERE order_id = reported.order_id AND venue = $3 AND venue_exec_id = reported.venue_exec_id
                    OFFSET 0) AS f
