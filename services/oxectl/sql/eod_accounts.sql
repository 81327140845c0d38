-- What does not follow from the fills, and DAY orders that a minute ago should have been over: (difference, subject, what it should be,
-- what it is). Money is compared within 1e-8 a fill, the rounding of one product.
WITH by_order AS (
    SELECT order_id, sum(quantity_filled) AS quantity FROM oxe.fills GROUP BY order_id
), by_trader AS (
    SELECT trader_id, count(*) AS fills, sum(CASE side WHEN 'BUY' THEN -1 ELSE 1 END * quantity_filled * price_at_fill) AS received
      FROM oxe.fills GROUP BY trader_id
), by_symbol AS (
    SELECT trader_id, symbol, sum(CASE side WHEN 'BUY' THEN 1 ELSE -1 END * quantity_filled) AS quantity
      FROM oxe.fills GROUP BY trader_id, symbol
), held AS (
    SELECT coalesce(p.trader_id, f.trader_id) AS trader_id, coalesce(p.symbol, f.symbol) AS symbol, coalesce(p.quantity, 0) AS quantity,
           coalesce(p.opening_quantity, 0) + coalesce(f.quantity, 0) AS should
      FROM oxe.positions p FULL JOIN by_symbol f ON f.trader_id = p.trader_id AND f.symbol = p.symbol
)
SELECT 'position', format('%s of %s (%s)', h.symbol, t.subject, h.trader_id), trim_scale(h.should)::text || ' by its fills', trim_scale(h.quantity)::text
  FROM held h LEFT JOIN oxe.traders t ON t.id = h.trader_id WHERE h.quantity <> h.should
UNION ALL
SELECT 'cash', format('of %s (%s)', t.subject, t.id), trim_scale(round(t.opening_cash + coalesce(f.received, 0), 8))::text || ' by its fills',
       trim_scale(t.cash)::text
  FROM oxe.traders t LEFT JOIN by_trader f ON f.trader_id = t.id
 WHERE abs(t.cash - t.opening_cash - coalesce(f.received, 0)) > coalesce(f.fills, 0) * 0.00000001
UNION ALL
SELECT 'filled quantity', format('order %s', o.id), trim_scale(coalesce(f.quantity, 0))::text || ' by its fills', trim_scale(o.filled_quantity)::text
  FROM oxe.orders o LEFT JOIN by_order f ON f.order_id = o.id WHERE o.filled_quantity <> coalesce(f.quantity, 0)
UNION ALL
SELECT 'DAY order', format('order %s', o.id),
       'over at ' || to_char(o.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), o.execution_state || ' ' || o.status
  FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
 WHERE o.time_in_force = 'DAY' AND o.execution_state <> 'DONE' AND o.expires_at < clock_timestamp() - interval '1 minute'
