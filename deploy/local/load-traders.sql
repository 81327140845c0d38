-- Traders for load and tests: plenty of cash, a position to sell in each liquid symbol, wide limits, no rate limit.
INSERT INTO oxe.traders (id, subject, cash, opening_cash, orders_per_minute, daily_loss, max_position_quantity,
                         max_order_quantity, max_order_notional, max_open_orders, price_collar_pct)
SELECT gen_random_uuid(), 'load-' || i, 1000000000, 1000000000, 0, 1000000000, 100000000, 100000, 100000000, 100000, 50
FROM generate_series(0, :count - 1) AS i
ON CONFLICT (subject) DO NOTHING;
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost)
SELECT t.id, s.symbol, 1000000, 1000000, 100000000
FROM oxe.traders t CROSS JOIN unnest(ARRAY['AAPL', 'MSFT', 'GOOG', 'AMZN', 'NVDA']) AS s (symbol)
WHERE t.subject LIKE 'load-%'
ON CONFLICT DO NOTHING;
