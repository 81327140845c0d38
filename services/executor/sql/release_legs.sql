DELETE FROM oxe.open_legs l
USING unnest($1::uuid[], $2::uuid[], $3::text[], $4::oxe.side[]) AS u (order_id, trader_id, symbol, side)
WHERE l.trader_id = u.trader_id AND l.symbol = u.symbol AND l.side = u.side AND l.order_id = u.order_id
