-- $1 trader ids, whose rows are locked; $2 time zone, $3 local time at which a day begins. By the clock, not by the transaction's
-- start: the wait for a lock may have crossed the day's end.
SELECT oxe.roll_day($1::uuid[], today.day), oxe.us(oxe.trading_day_end(today.day, $2::text, $3::time))
  FROM (SELECT oxe.trading_day(clock_timestamp(), $2::text, $3::time) AS day OFFSET 0) AS today
