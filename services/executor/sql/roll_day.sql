-- $1 trader ids, $2 the day, counted from 1970. A transaction of its own: it locks rows before others.
SELECT oxe.roll_day($1::uuid[], date '1970-01-01' + $2::integer)
