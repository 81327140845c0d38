-- Open orders that somebody should look at, as one JSON object; ages in milliseconds. Reads every open order. $1 is not used. An order
-- that is held says why in its reason.
WITH looked AS MATERIALIZED (
    SELECT o.id, w.lane, o.execution_state, o.reason, o.created_at, o.updated_at
      FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
     WHERE o.execution_state IN ('ADMITTED', 'IN_DOUBT', 'DONE') AND $1::int IS NOT NULL
)
SELECT json_build_object(
    'waiting', (SELECT json_build_object('count', count(*), 'order', (array_agg(id ORDER BY created_at))[1],
                                         'lane', (array_agg(lane ORDER BY created_at))[1],
                                         'age', (oxe.us(clock_timestamp()) - oxe.us(min(created_at))) / 1000)
                  FROM looked WHERE execution_state = 'ADMITTED' AND reason IS NULL AND created_at < clock_timestamp() - interval '5 s'),
    'doubts', (SELECT json_build_object('count', count(*), 'order', (array_agg(id ORDER BY updated_at))[1],
                                        'reason', (array_agg(reason ORDER BY updated_at))[1],
                                        'age', (oxe.us(clock_timestamp()) - oxe.us(min(updated_at))) / 1000)
                 FROM looked WHERE execution_state = 'IN_DOUBT'),
    'recalled', (SELECT json_build_object('count', count(*), 'order', (array_agg(id ORDER BY updated_at))[1],
                                          'age', (oxe.us(clock_timestamp()) - oxe.us(min(updated_at))) / 1000)
                   FROM looked WHERE execution_state = 'DONE'))
