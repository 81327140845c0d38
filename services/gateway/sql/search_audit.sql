-- A page of the log, oldest first: after log_seq $1 up to $2, of one order, of one action.
SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, quantity, price,
       total_filled, average_price, venue, reason, message, actor, oxe.us("timestamp"), oxe.us(recorded_at),
       encode(leaf_hash, 'hex'), side, venue_exec_id, encode(trace_id, 'hex')
FROM oxe.execution_logs
WHERE log_seq > $1::bigint AND log_seq <= $2::bigint
  AND ($3::uuid IS NULL OR order_id = $3)
  AND ($4::oxe.audit_action IS NULL OR action = $4)
ORDER BY log_seq
LIMIT $5::integer
