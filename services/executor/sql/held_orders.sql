-- Which of these orders ($1) must not go to the exchange now: their place in the list, counted from 0, why, and the reason that the order names.
-- Legs are not held: they protect what was bought.
SELECT w.place - 1, CASE WHEN t.status <> 'ACTIVE' THEN 'ACCOUNT_NOT_ACTIVE' ELSE 'TRADING_HALTED' END, coalesce(o.reason, '')
FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place)
JOIN oxe.orders o ON o.id = w.id
JOIN oxe.traders t ON t.id = o.trader_id
WHERE o.parent_order_id IS NULL AND o.execution_state <> 'DONE' AND o.cancel_requested_at IS NULL
  AND (t.status <> 'ACTIVE'
       OR EXISTS (SELECT FROM oxe.halts h WHERE h.scope = 'ALL' OR h.trader_id = o.trader_id OR h.symbol = o.symbol))
ORDER BY w.place
