-- The fills whose ids are older than ten seconds, twice as long as a transaction may take, and that were not counted before: at most those
-- of ten minutes at once. $1 time zone, $2 local time at which a day begins.
WITH counted AS (
    SELECT upto, greatest(upto, least(clock_timestamp() - interval '10 s', upto + interval '10 min')) AS next FROM oxe.bars_counted FOR UPDATE
), moved AS (
    UPDATE oxe.bars_counted SET upto = (SELECT next FROM counted)
), fills AS (
    SELECT i.symbol, f.id, f.quantity_filled AS quantity, f.price_at_fill AS price, f.recorded_at
    FROM oxe.fills f JOIN oxe.instruments i ON i.symbol = f.symbol
    WHERE f.id >= (SELECT oxe.first_id_at(upto) FROM counted) AND f.id < (SELECT oxe.first_id_at(next) FROM counted)
)
INSERT INTO oxe.bars AS b (symbol, span, starts_at, open, high, low, close, volume)
SELECT f.symbol, s.span, s.starts_at, (array_agg(f.price ORDER BY f.id))[1], max(f.price), min(f.price),
       (array_agg(f.price ORDER BY f.id DESC))[1], sum(f.quantity)
FROM fills f CROSS JOIN LATERAL oxe.bars_at(f.recorded_at, $1::text, $2::time) AS s
GROUP BY f.symbol, s.span, s.starts_at
ORDER BY f.symbol, s.span, s.starts_at
ON CONFLICT (symbol, span, starts_at) DO UPDATE SET volume = b.volume + excluded.volume
