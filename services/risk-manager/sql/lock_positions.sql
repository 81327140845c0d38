-- $1 trader ids, $2 symbols, side by side, each pair once. Second of the locks.
SELECT p.trader_id, p.symbol, p.quantity, p.open_buy, p.open_sell, p.reducing_buy, p.reducing_sell
  FROM unnest($1::uuid[], $2::text[]) AS r (trader_id, symbol)
  JOIN oxe.positions p ON p.trader_id = r.trader_id AND p.symbol = r.symbol
 ORDER BY p.trader_id, p.symbol
   FOR NO KEY UPDATE OF p
