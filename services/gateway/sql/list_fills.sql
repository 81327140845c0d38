-- Newest first, as they were recorded; $2 is the last id of the page before. Of the fills behind it a page looks at $7 and no more;
-- list_fills_bound.sql tells where it stopped.
SELECT id, order_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, oxe.us("timestamp") AS "timestamp"
FROM (
    SELECT *
    FROM oxe.fills
    WHERE trader_id = $1::uuid AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY id DESC
    LIMIT $7::integer
) AS looked_at
WHERE ($3::text IS NULL OR symbol = $3)
  AND ($4::bigint IS NULL OR "timestamp" >= oxe.ts($4))
  AND ($5::bigint IS NULL OR "timestamp" < oxe.ts($5))
ORDER BY id DESC
LIMIT $6::integer
