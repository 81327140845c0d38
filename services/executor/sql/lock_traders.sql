SELECT id, cash, reserved, open_orders
FROM oxe.traders
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR NO KEY UPDATE
