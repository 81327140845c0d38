SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, quantity, price,
       total_filled, average_price, venue, reason, message, actor, oxe.us("timestamp"), oxe.us(recorded_at),
       encode(leaf_hash, 'hex'), side, venue_exec_id, encode(trace_id, 'hex')
FROM oxe.execution_logs
WHERE order_id = $1::uuid
ORDER BY log_seq
