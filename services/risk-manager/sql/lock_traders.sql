-- $1 trader ids. First of the locks; always in the order of the ids.
SELECT id, status = 'ACTIVE', status = 'SUSPENDED', cash, reserved, open_orders,
       daily_loss, max_position_quantity, max_order_quantity, max_order_notional, price_collar_pct, max_open_orders,
       short_selling, short_margin_pct, currency
  FROM oxe.traders
 WHERE id = ANY ($1::uuid[])
 ORDER BY id
   FOR NO KEY UPDATE
