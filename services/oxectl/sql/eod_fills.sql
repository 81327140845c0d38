-- A page of the fills that the exchange made from $2 to before $3, after the one of the id $1: at most $4.
SELECT id::text, order_id::text, venue_exec_id, side::text, trim_scale(quantity_filled)::text, symbol, trim_scale(price_at_fill)::text
  FROM oxe.fills
 WHERE id > $1::uuid AND "timestamp" >= $2::timestamptz AND "timestamp" < $3::timestamptz
 ORDER BY id LIMIT $4::int
