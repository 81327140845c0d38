-- Newest first: of symbol $1 and span $2, that began before $3 (the last bar of the page before) and within $4 and $5; at most $6.
SELECT oxe.us(starts_at) AS starts_at, open, high, low, close, volume
FROM oxe.bars
WHERE symbol = $1::text AND span = $2::text
  AND starts_at < coalesce(oxe.ts($3::bigint), 'infinity')
  AND starts_at >= coalesce(oxe.ts($4::bigint), '-infinity')
  AND starts_at < coalesce(oxe.ts($5::bigint), 'infinity')
ORDER BY bars.starts_at DESC
LIMIT $6::integer
