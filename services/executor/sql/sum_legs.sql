-- What the pairs of legs of a trader, symbol and side have left together; a pair counts once, by its older leg while both are open.
SELECT coalesce(sum(greatest(l.protects_quantity - l.filled_quantity - coalesce(s.filled_quantity, 0), 0)), 0)
FROM oxe.open_legs w
JOIN oxe.orders l ON l.id = w.order_id
LEFT JOIN oxe.orders s ON s.id = l.sibling_order_id
WHERE w.trader_id = $1 AND w.symbol = $2 AND w.side = $3::oxe.side AND (s.id IS NULL OR s.execution_state = 'DONE' OR l.id < s.id)
