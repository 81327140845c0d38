SELECT coalesce(o.created_at < l.renumbered_at, false) AS renumbered,
\i order_columns.sql
FROM oxe.open_orders oo
JOIN oxe.orders o ON o.id = oo.order_id
JOIN oxe.lanes l ON l.lane = oo.lane
WHERE oo.lane = $1 AND oo.order_id > $2
ORDER BY oo.order_id
LIMIT $3
