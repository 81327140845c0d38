-- What changes about an order's bracket: a leg's size and sibling, an entry's latest legs.
UPDATE oxe.orders o
SET quantity = u.quantity, protects_quantity = u.protects, sibling_order_id = u.sibling, stop_loss_order_id = u.stop_loss,
    take_profit_order_id = u.take_profit
FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::uuid[], $5::uuid[], $6::uuid[])
    AS u (id, quantity, protects, sibling, stop_loss, take_profit)
WHERE o.id = u.id
