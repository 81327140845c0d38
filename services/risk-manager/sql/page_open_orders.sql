-- The next open orders behind a place ($1, $2), at most $3, and which of them a halt of this scope ($4 trader, $5 symbol, NULL: any) is to
-- cancel and has not yet.
SELECT page.lane, page.order_id,
       o.cancel_requested_at IS NULL AND o.execution_state <> 'DONE' AND ($4::uuid IS NULL OR o.trader_id = $4::uuid) AND ($5::text IS NULL OR o.symbol = $5::text)
  FROM (SELECT lane, order_id FROM oxe.open_orders
         WHERE (lane, order_id) > ($1::smallint, $2::uuid)
         ORDER BY lane, order_id
         LIMIT $3::bigint) AS page
  JOIN oxe.orders o ON o.id = page.order_id
 ORDER BY page.lane, page.order_id
