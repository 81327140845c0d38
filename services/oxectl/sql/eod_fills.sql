-- A page of the fills that the exchange made from $2 to before $3, after the one of the id $1: at most $4. (key, value, false, id)
SELECT format('%s of order %s', venue_exec_id, order_id),
       format('%s %s %s at %s', side, trim_scale(quantity_filled), symbol, trim_scale(price_at_fill)), false, id::text
  FROM oxe.fills
 WHERE id > $1::uuid AND "timestamp" >= $2::timestamptz AND "timestamp" < $3::timestamptz
 ORDER BY id LIMIT $4::int
