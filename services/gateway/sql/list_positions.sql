SELECT p.symbol, p.quantity, round(p.cost / p.quantity, 8) AS average_cost,
       coalesce(l.price, round(p.cost / p.quantity, 8)) AS last_price,
       round(p.quantity * coalesce(l.price, p.cost / p.quantity), 8) AS market_value,
       round(p.quantity * coalesce(l.price, p.cost / p.quantity) - p.cost, 8) AS unrealized_pnl,
       CASE WHEN p.realized_day = oxe.trading_day(now(), $2::text, $3::time) THEN p.realized_pnl ELSE 0 END AS realized_pnl_today
FROM oxe.positions p
LEFT JOIN oxe.last_prices l ON l.symbol = p.symbol
WHERE p.trader_id = $1::uuid AND p.quantity <> 0
ORDER BY p.symbol
