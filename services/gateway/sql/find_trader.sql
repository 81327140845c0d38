SELECT id, orders_per_minute FROM oxe.traders WHERE subject = $1
