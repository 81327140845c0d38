-- What is open here and was sent: what works must work at the exchange, the others may. (key, value, whether it may lack there)
SELECT format('order %s', o.id), format('%s open', trim_scale(o.quantity - o.filled_quantity)), o.execution_state <> 'WORKING'
  FROM oxe.open_orders w JOIN oxe.orders o ON o.id = w.order_id
 WHERE o.execution_state IN ('WORKING', 'SENT', 'IN_DOUBT')
