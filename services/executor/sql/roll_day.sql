-- $1 the locked traders, $2 time zone, $3 when a day starts there. Answers the day, counted from 1970.
SELECT day - date '1970-01-01', oxe.roll_day($1::uuid[], day)
FROM (SELECT oxe.trading_day(now(), $2::text, $3::time) AS day) AS today
