-- $1 trader ids. First of the locks; always in the order of the ids.
SELECT id, status = 'ACTIVE', status = 'SUSPENDED', cash, reserved, open_orders, currency,
       daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_daily_notional, max_open_orders,
       price_collar_pct, short_selling, short_margin_pct
  FROM oxe.traders
 WHERE id = ANY ($1::uuid[])
 ORDER BY id
   FOR NO KEY UPDATE
