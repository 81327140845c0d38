-- Deletes bars that are older than those of their span are kept, some of each symbol at once.
DELETE FROM oxe.bars b
USING (SELECT old.symbol, old.span, old.starts_at
       FROM oxe.instruments i
       CROSS JOIN (VALUES ('1m', interval '7 days'), ('5m', interval '30 days'), ('1h', interval '1 year'), ('1d', interval '10 years')) AS kept (span, age)
       CROSS JOIN LATERAL (SELECT o.symbol, o.span, o.starts_at FROM oxe.bars o
                           WHERE o.symbol = i.symbol AND o.span = kept.span AND o.starts_at < clock_timestamp() - kept.age
                           ORDER BY o.starts_at LIMIT 20) AS old
       LIMIT 20000) AS gone
WHERE b.symbol = gone.symbol AND b.span = gone.span AND b.starts_at = gone.starts_at
