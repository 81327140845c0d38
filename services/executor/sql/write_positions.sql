INSERT INTO oxe.positions AS p (trader_id, symbol, quantity, cost, open_buy, open_sell, realized_pnl, realized_day, updated_at)
SELECT u.trader_id, u.symbol, u.quantity, u.cost, u.open_buy, u.open_sell, u.realized_pnl, date '1970-01-01' + u.realized_day,
       oxe.ts($9)
FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::integer[])
    AS u (trader_id, symbol, quantity, cost, open_buy, open_sell, realized_pnl, realized_day)
ON CONFLICT (trader_id, symbol) DO UPDATE
SET quantity = excluded.quantity, cost = excluded.cost, open_buy = excluded.open_buy, open_sell = excluded.open_sell,
    realized_pnl = excluded.realized_pnl, realized_day = excluded.realized_day, updated_at = excluded.updated_at
