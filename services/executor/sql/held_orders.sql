-- Which of these orders ($1) must not go to the exchange now: their place in the list, counted from 0, what holds them (NULL: nothing), the
-- reason that the order names, and whether what a unit reserves does not cover the last price any more: then it is to be decided anew. What
-- trades at the market pays the last price; what is sold short takes the margin at it beyond its proceeds. Legs are left alone: they protect
-- what was bought. Nothing is locked. The fence (OFFSET 0) has each order read by its id: without it the planner, who takes orders that are
-- not DONE for few, may read all of them.
WITH halted AS MATERIALIZED (SELECT scope, trader_id, symbol FROM oxe.halts)
SELECT w.place - 1, found.held_by, coalesce(o.reason, ''), found.uncovered
FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place)
CROSS JOIN LATERAL (SELECT * FROM oxe.orders WHERE id = w.id OFFSET 0) AS o
JOIN oxe.traders t ON t.id = o.trader_id
LEFT JOIN oxe.last_prices l ON l.symbol = o.symbol
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.cancel_requested_at IS NOT NULL THEN NULL
                WHEN t.status <> 'ACTIVE' THEN 'ACCOUNT_NOT_ACTIVE'
                WHEN EXISTS (SELECT FROM halted h WHERE h.scope = 'ALL' OR h.trader_id = o.trader_id OR h.symbol = o.symbol)
                THEN 'TRADING_HALTED' END AS held_by,
           o.execution_state = 'ADMITTED' AND o.reserve_quantity > 0
           AND coalesce(CASE WHEN o.side = 'SELL' THEN l.price * (t.short_margin_pct - 100) > o.reserve_price * 100
                             ELSE o.order_type <> 'LIMIT' AND l.price > o.reserve_price END, false) AS uncovered) AS found
WHERE o.parent_order_id IS NULL AND o.execution_state <> 'DONE' AND (found.held_by IS NOT NULL OR found.uncovered)
ORDER BY w.place
