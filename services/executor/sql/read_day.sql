-- $1 time zone, $2 local time at which a day begins: the trading day by the clock, counted from 1970, and when it ends. Kept until then: to count
-- it takes as long as to read an account.
SELECT day - date '1970-01-01', oxe.us(oxe.trading_day_end(day, $1::text, $2::time))
  FROM (SELECT oxe.trading_day(clock_timestamp(), $1::text, $2::time) AS day OFFSET 0) AS today
