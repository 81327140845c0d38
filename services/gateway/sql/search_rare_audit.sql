-- A page of one action, $3, that execution_logs_action lists. Row-level security hides the statistics of an enum from the planner, which
-- then takes every action to be frequent and reads the log itself; an array and this order leave it no index but that one.
SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, quantity, price,
       total_filled, average_price, venue, reason, message, actor, oxe.us("timestamp"), oxe.us(recorded_at),
       encode(leaf_hash, 'hex'), side, venue_exec_id, encode(trace_id, 'hex')
FROM oxe.execution_logs
WHERE log_seq > $1::bigint AND log_seq <= $2::bigint AND action = ANY (ARRAY[$3::oxe.audit_action])
ORDER BY action, log_seq
LIMIT $4::integer
