-- $1 trader ids, $2 symbols, side by side, perhaps some twice. The accounts and positions, as of one moment and in the order in which they are written; a position of zeros where there is none yet. Nothing is locked: cash, quantity
-- and cost move by executions alone, which are this lane's (write_positions.sql finds out where they are not), and of what else moves only
-- the differences are written. And the clock, and the day that the account is in, counted from 1970.
SELECT w.trader_id AS id, t.cash, t.reserved, t.open_orders, w.trader_id, w.symbol, coalesce(p.quantity, 0) AS quantity,
       coalesce(p.cost, 0) AS cost, coalesce(p.open_buy, 0) AS open_buy, coalesce(p.open_sell, 0) AS open_sell,
       coalesce(p.realized_pnl, 0) AS realized_pnl, p.realized_day - date '1970-01-01' AS realized_day,
       coalesce(p.reducing_buy, 0) AS reducing_buy, coalesce(p.reducing_sell, 0) AS reducing_sell, p.trader_id IS NULL AS is_new,
       oxe.us(clock_timestamp()) AS now, t.trading_day - date '1970-01-01' AS trading_day
FROM (SELECT DISTINCT trader_id, symbol FROM unnest($1::uuid[], $2::text[]) AS u (trader_id, symbol)) AS w
JOIN oxe.traders t ON t.id = w.trader_id
LEFT JOIN oxe.positions p ON p.trader_id = w.trader_id AND p.symbol = w.symbol
ORDER BY w.trader_id, w.symbol COLLATE "C"
