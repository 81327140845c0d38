-- The places in the log of one order's entries, behind one of them.
SELECT log_seq
FROM oxe.execution_logs
WHERE order_id = $1::uuid AND log_seq > $2::bigint
ORDER BY log_seq
LIMIT $3::bigint
