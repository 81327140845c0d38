-- The walkers' accounts as they were opened, but for what they may sell short.
UPDATE oxe.traders
   SET status = 'ACTIVE', daily_loss = 10000000, max_position_quantity = 100000000, max_order_quantity = 10000, max_order_notional = 5000000,
       max_open_orders = 300, price_collar_pct = 10, orders_per_minute = 0
 WHERE subject LIKE 'walker-%'
