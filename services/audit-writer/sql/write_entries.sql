-- $1 is the log_seq of the first entry, $2 the moment at which all of them are recorded.
INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side,
                                quantity, price, total_filled, average_price, venue, venue_exec_id, reason, message, actor,
                                trace_id, "timestamp", recorded_at, leaf_hash)
SELECT $1::int8 + place - 1, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side,
       quantity, price, total_filled, average_price, venue, venue_exec_id, reason, message, actor,
       trace_id, oxe.ts(occurred_us), (SELECT oxe.ts($2::int8)), leaf_hash
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int8[], $7::oxe.audit_action[], $8::oxe.order_status[],
              $9::oxe.execution_state[], $10::text[], $11::oxe.side[], $12::numeric[], $13::numeric[], $14::numeric[],
              $15::numeric[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::bytea[], $22::int8[],
              $23::bytea[])
       WITH ORDINALITY AS entry (event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side,
                                 quantity, price, total_filled, average_price, venue, venue_exec_id, reason, message, actor,
                                 trace_id, occurred_us, leaf_hash, place)
