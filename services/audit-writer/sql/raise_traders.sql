-- Reserves the next numbers of each trader: $2[i] of them for trader $1[i]. Returns each one's last.
INSERT INTO oxe.audit_traders (trader_id, last_seq)
SELECT trader_id, added FROM unnest($1::uuid[], $2::int8[]) AS raised (trader_id, added)
ON CONFLICT (trader_id) DO UPDATE SET last_seq = audit_traders.last_seq + excluded.last_seq
RETURNING trader_id, last_seq
