-- Whose orders these are, when they are not in memory.
SELECT id, trader_id, symbol FROM oxe.orders WHERE id = ANY ($1::uuid[])
