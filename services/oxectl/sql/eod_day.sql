-- What there is to say of the day from $1 to before $2, as the members of a JSON object.
WITH made AS (
    SELECT * FROM oxe.fills WHERE "timestamp" >= $1::timestamptz AND "timestamp" < $2::timestamptz
), doubtful AS (
    SELECT o.id FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id WHERE o.execution_state IN ('IN_DOUBT', 'DONE')
)
SELECT json_build_object(
    'executions', (SELECT count(*) FROM made),
    'bought', (SELECT trim_scale(coalesce(sum(quantity_filled * price_at_fill), 0)) FROM made WHERE side = 'BUY'),
    'sold', (SELECT trim_scale(coalesce(sum(quantity_filled * price_at_fill), 0)) FROM made WHERE side = 'SELL'),
    'flagged', (SELECT coalesce(json_object_agg(flag, fills), '{}') FROM (SELECT flag, count(*) AS fills FROM made WHERE flag IS NOT NULL GROUP BY flag) f),
    'orders', (SELECT coalesce(json_object_agg(status, orders), '{}') FROM (SELECT status, count(*) AS orders FROM oxe.orders
                WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz GROUP BY status) o),
    'accounts', (SELECT count(*) FROM oxe.traders),
    'positions', (SELECT count(*) FROM oxe.positions),
    'open_orders', (SELECT count(*) FROM oxe.open_orders),
    'commands', (SELECT count(*) FROM oxe.commands),
    'doubts', (SELECT coalesce(json_agg(id ORDER BY id), '[]') FROM doubtful),
    'put_aside', (SELECT count(*) FROM oxe.put_aside WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz))
