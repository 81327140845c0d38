-- What binds the trader: row-level security leaves out other traders' halts.
SELECT id, scope, symbol, reason, oxe.us(created_at)
FROM oxe.halts
ORDER BY created_at, id
LIMIT 10000
