-- What is open here and was sent: what works must work at the exchange, the others may.
SELECT o.id::text, trim_scale(o.quantity - o.filled_quantity)::text, o.execution_state <> 'WORKING'
  FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
 WHERE o.execution_state IN ('WORKING', 'SENT', 'IN_DOUBT')
