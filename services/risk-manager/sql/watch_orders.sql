-- A page of the open orders: those behind lane $1 and order $2, at most $3. How many they are, how many of them are in doubt, how old (µs) the
-- oldest is that is to be sent and that nothing holds, and the last of them.
WITH page AS MATERIALIZED (
    SELECT w.lane, w.order_id, o.execution_state, o.reason, o.created_at
      FROM (SELECT lane, order_id FROM oxe.open_orders WHERE (lane, order_id) > ($1::smallint, $2::uuid) ORDER BY lane, order_id LIMIT $3) AS w
      LEFT JOIN oxe.orders o ON o.id = w.order_id
)
SELECT count(*), count(*) FILTER (WHERE execution_state = 'IN_DOUBT'),
       coalesce(oxe.us(clock_timestamp()) - oxe.us(min(created_at) FILTER (WHERE execution_state = 'ADMITTED' AND reason IS NULL)), 0),
       (SELECT lane FROM page ORDER BY lane DESC, order_id DESC LIMIT 1), (SELECT order_id FROM page ORDER BY lane DESC, order_id DESC LIMIT 1)
  FROM page
