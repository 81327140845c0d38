-- The next open orders of the owned lanes ($1) after a place ($2, $3), at most $4; $5 now. Which of them were never sent, and
-- which of these must not be sent any more.
SELECT page.lane, page.order_id, o.trader_id, o.symbol, o.execution_state = 'ADMITTED',
       o.cancel_requested_at IS NOT NULL OR coalesce(o.expires_at <= oxe.ts($5), false)
FROM (SELECT lane, order_id FROM oxe.open_orders
      WHERE (lane, order_id) > ($2::smallint, $3::uuid) AND lane = ANY ($1::smallint[])
      ORDER BY lane, order_id
      LIMIT $4) AS page
JOIN oxe.orders o ON o.id = page.order_id
ORDER BY page.lane, page.order_id
