-- $1 symbols. The price with its age in microseconds; NULL where there is none yet.
SELECT i.symbol, i.currency, l.price, oxe.us(clock_timestamp()) - oxe.us(l.updated_at)
  FROM oxe.instruments i
  LEFT JOIN oxe.last_prices l ON l.symbol = i.symbol
 WHERE i.symbol = ANY ($1::text[])
