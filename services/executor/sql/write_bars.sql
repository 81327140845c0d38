-- $1 symbols and their $2 first, $3 highest, $4 lowest and $5 latest price since the last time; $6 time zone, $7 local time at which a day
-- begins.
INSERT INTO oxe.bars AS b (symbol, span, starts_at, open, high, low, close)
SELECT i.symbol, s.span, s.starts_at, u.open, u.high, u.low, u.close
FROM unnest($1::text[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[]) AS u (symbol, open, high, low, close)
JOIN oxe.instruments i ON i.symbol = u.symbol
CROSS JOIN oxe.bars_at(clock_timestamp(), $6::text, $7::time) AS s
ORDER BY i.symbol, s.span
ON CONFLICT (symbol, span, starts_at) DO UPDATE
   SET high = greatest(b.high, excluded.high), low = least(b.low, excluded.low), close = excluded.close
