-- What binds the trader: row-level security leaves out other traders' halts.
SELECT id, scope, symbol, reason, oxe.us(created_at) AS created_at
FROM oxe.halts
ORDER BY halts.created_at, id
LIMIT 10000
