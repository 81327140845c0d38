-- Positions ($1 trader ids, $2 symbols) that are none yet.
INSERT INTO oxe.positions (trader_id, symbol)
SELECT u.trader_id, u.symbol
FROM unnest($1::uuid[], $2::text[]) AS u (trader_id, symbol)
ORDER BY u.trader_id, u.symbol COLLATE "C"
ON CONFLICT DO NOTHING
