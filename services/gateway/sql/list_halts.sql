SELECT id, scope, trader_id, symbol, reason, created_by, oxe.us(created_at) AS created_at
FROM oxe.halts
ORDER BY halts.created_at, id
LIMIT 10000
