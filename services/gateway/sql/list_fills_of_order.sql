-- The same of one order, $7.
SELECT id, order_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, oxe.us("timestamp") AS "timestamp"
FROM oxe.fills
WHERE order_id = $7::uuid AND trader_id = $1::uuid AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND ($3::text IS NULL OR symbol = $3)
  AND ($4::bigint IS NULL OR "timestamp" >= oxe.ts($4))
  AND ($5::bigint IS NULL OR "timestamp" < oxe.ts($5))
ORDER BY id DESC
LIMIT $6::integer
