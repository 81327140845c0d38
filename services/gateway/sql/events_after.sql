SELECT trader_seq, event_id, order_id, action, actor, status, execution_state, symbol, quantity, price, total_filled,
       average_price, reason, message, oxe.us("timestamp") AS occurred_at, side
FROM oxe.execution_logs
WHERE trader_id = $1::uuid AND trader_seq > $2::bigint
ORDER BY trader_seq
LIMIT $3::integer
