-- $1 the locked traders, $2 time zone, $3 when a day starts there. Answers the day, counted from 1970. By the clock, not by the
-- transaction's start: the wait for a lock may have crossed the day's end. The function is called on the first turn of a day only: it asks
-- the same, but to call it takes longer than to ask here.
SELECT day - date '1970-01-01',
       (SELECT oxe.roll_day($1::uuid[], day)
        WHERE EXISTS (SELECT FROM oxe.traders t WHERE t.id = ANY ($1::uuid[]) AND (t.trading_day IS NULL OR t.trading_day < day)))
FROM (SELECT oxe.trading_day(clock_timestamp(), $2::text, $3::time) AS day OFFSET 0) AS today
