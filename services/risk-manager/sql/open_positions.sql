-- $1 trader ids, $2 symbols, $3 quantity to buy, $4 quantity to sell, $5 and $6 what of them reduces; side by side, each pair once.
INSERT INTO oxe.positions AS p (trader_id, symbol, open_buy, open_sell, reducing_buy, reducing_sell, updated_at)
SELECT r.trader_id, r.symbol, r.open_buy, r.open_sell, r.reducing_buy, r.reducing_sell, clock_timestamp()
  FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[])
       AS r (trader_id, symbol, open_buy, open_sell, reducing_buy, reducing_sell)
 ORDER BY r.trader_id, r.symbol COLLATE "C"
    ON CONFLICT (trader_id, symbol) DO UPDATE
   SET open_buy = p.open_buy + excluded.open_buy, open_sell = p.open_sell + excluded.open_sell,
       reducing_buy = p.reducing_buy + excluded.reducing_buy, reducing_sell = p.reducing_sell + excluded.reducing_sell,
       updated_at = excluded.updated_at
