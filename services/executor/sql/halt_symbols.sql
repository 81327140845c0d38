-- Halts symbols that are not halted yet. The lock keeps admissions that have read the halts and not committed apart from this.
INSERT INTO oxe.halts (id, scope, symbol, reason, created_by, created_at)
SELECT u.id, 'SYMBOL', u.symbol, 'More was executed than the order asked for', 'executor', oxe.ts($3)
FROM unnest($1::uuid[], $2::text[]) AS u (id, symbol)
WHERE NOT EXISTS (SELECT FROM oxe.halts h WHERE h.scope = 'SYMBOL' AND h.symbol = u.symbol)
