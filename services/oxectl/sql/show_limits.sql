-- $1 subject or id of a trader. No row: there is none.
SELECT json_agg(json_build_object('limit', l.name, 'value', l.value) ORDER BY l.place)
  FROM oxe.traders t
 CROSS JOIN LATERAL (VALUES
       (1, 'status', t.status::text), (2, 'daily_loss', trim_scale(t.daily_loss)::text),
       (3, 'max_position_quantity', trim_scale(t.max_position_quantity)::text),
       (4, 'max_order_quantity', trim_scale(t.max_order_quantity)::text),
       (5, 'max_order_notional', trim_scale(t.max_order_notional)::text), (6, 'max_open_orders', t.max_open_orders::text),
       (7, 'price_collar_pct', trim_scale(t.price_collar_pct)::text), (8, 'orders_per_minute', t.orders_per_minute::text),
       (9, 'short_selling', t.short_selling::text),
       (10, 'short_margin_pct', trim_scale(t.short_margin_pct)::text)) AS l (place, name, value)
 WHERE t.id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                       (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
HAVING count(*) > 0
