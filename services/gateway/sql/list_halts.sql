SELECT id, scope, trader_id, symbol, reason, created_by, oxe.us(created_at)
FROM oxe.halts
ORDER BY created_at, id
LIMIT 10000
