-- The fills whose ids are older than ten seconds, twice as long as a transaction may take, and that were not counted before: at most those
-- of ten minutes at once. $1 time zone, $2 local time at which a day begins. Added up by minute first, of which every bar is made: the
-- orders of this second wait for it.
WITH counted AS (
    SELECT upto, greatest(upto, least(clock_timestamp() - interval '10 s', upto + interval '10 min')) AS next FROM oxe.bars_counted FOR UPDATE
), moved AS (
    UPDATE oxe.bars_counted SET upto = (SELECT next FROM counted)
), minutes AS (
    SELECT f.symbol, date_bin('1 minute', f.recorded_at, 'epoch') AS starts_at, array_agg(f.price_at_fill ORDER BY f.id) AS prices,
           max(f.price_at_fill) AS high, min(f.price_at_fill) AS low, sum(f.quantity_filled) AS volume
    FROM oxe.fills f
    WHERE f.id >= (SELECT oxe.first_id_at(upto) FROM counted) AND f.id < (SELECT oxe.first_id_at(next) FROM counted)
    GROUP BY f.symbol, date_bin('1 minute', f.recorded_at, 'epoch')
)
INSERT INTO oxe.bars AS b (symbol, span, starts_at, open, high, low, close, volume)
SELECT m.symbol, s.span, s.starts_at, (array_agg(m.prices[1] ORDER BY m.starts_at))[1], max(m.high), min(m.low),
       (array_agg(m.prices[cardinality(m.prices)] ORDER BY m.starts_at DESC))[1], sum(m.volume)
FROM minutes m JOIN oxe.instruments i ON i.symbol = m.symbol CROSS JOIN LATERAL oxe.bars_at(m.starts_at, $1::text, $2::time) AS s
GROUP BY m.symbol, s.span, s.starts_at
ORDER BY m.symbol, s.span, s.starts_at
ON CONFLICT (symbol, span, starts_at) DO UPDATE SET volume = b.volume + excluded.volume
