-- The entries $1 … $2 - 1, counted from 0, of what a checkpoint covers; columns as in list_audit.
SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, quantity, price,
       total_filled, average_price, venue, reason, message, actor, oxe.us("timestamp"), oxe.us(recorded_at),
       encode(leaf_hash, 'hex'), side, venue_exec_id, encode(trace_id, 'hex')
FROM oxe.execution_logs
WHERE log_seq > $1::bigint AND log_seq <= $2::bigint AND $2::bigint <= (SELECT max(tree_size) FROM oxe.audit_checkpoints)
ORDER BY log_seq
