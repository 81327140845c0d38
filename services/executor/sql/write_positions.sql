INSERT INTO oxe.positions AS p (trader_id, symbol, quantity, cost, open_buy, open_sell, realized_pnl, realized_day,
                                reducing_buy, reducing_sell, updated_at)
SELECT u.trader_id, u.symbol, u.quantity, u.cost, u.open_buy, u.open_sell, u.realized_pnl, date '1970-01-01' + u.realized_day,
       u.reducing_buy, u.reducing_sell, oxe.ts($11)
FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::integer[],
            $9::numeric[], $10::numeric[])
    AS u (trader_id, symbol, quantity, cost, open_buy, open_sell, realized_pnl, realized_day, reducing_buy, reducing_sell)
ON CONFLICT (trader_id, symbol) DO UPDATE
SET quantity = excluded.quantity, cost = excluded.cost, open_buy = excluded.open_buy, open_sell = excluded.open_sell,
    realized_pnl = excluded.realized_pnl, realized_day = excluded.realized_day,
    reducing_buy = excluded.reducing_buy, reducing_sell = excluded.reducing_sell, updated_at = excluded.updated_at
