-- The same of trader $6, whose own numbers are $7 and $8. A trader's halts have none and are a range of the index of their own.
WITH events AS (
    SELECT *
    FROM oxe.execution_logs
    WHERE trader_id = $6::uuid AND trader_seq > $7::bigint AND trader_seq <= $8::bigint
      AND ($3::uuid IS NULL OR order_id = $3)
      AND ($4::oxe.audit_action IS NULL OR action = $4)
    ORDER BY trader_seq
    LIMIT $5::integer
), halts AS (
    SELECT *
    FROM oxe.execution_logs
    WHERE trader_id = $6::uuid AND trader_seq IS NULL AND log_seq > $1::bigint AND log_seq <= $2::bigint
      AND ($3::uuid IS NULL OR order_id = $3)
      AND ($4::oxe.audit_action IS NULL OR action = $4)
    ORDER BY log_seq
    LIMIT $5::integer
)
SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, quantity, price,
       total_filled, average_price, venue, reason, message, actor, oxe.us("timestamp"), oxe.us(recorded_at),
       encode(leaf_hash, 'hex'), side, venue_exec_id, encode(trace_id, 'hex')
FROM (SELECT * FROM events UNION ALL SELECT * FROM halts) AS found
ORDER BY log_seq
LIMIT $5::integer
