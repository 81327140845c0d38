SELECT p.trader_id, p.symbol, p.quantity, p.cost, p.open_buy, p.open_sell, p.realized_pnl, p.realized_day - date '1970-01-01' AS realized_day,
       p.reducing_buy, p.reducing_sell
FROM oxe.positions p
JOIN (SELECT DISTINCT trader_id, symbol FROM unnest($1::uuid[], $2::text[]) AS w (trader_id, symbol)) AS wanted
  ON p.trader_id = wanted.trader_id AND p.symbol = wanted.symbol
ORDER BY p.trader_id, p.symbol
FOR NO KEY UPDATE OF p
