-- $1 is the log_seq of the first entry, $2 the moment at which all of them are recorded; then the fields of an event, in the order of
-- messages.def, and what the sequence adds.
INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side,
                                quantity, price, total_filled, average_price, venue, venue_exec_id, reason, message, actor,
                                trace_id, "timestamp", recorded_at, leaf_hash)
SELECT $1::int8 + place - 1, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side,
       quantity, price, total_filled, average_price, venue, venue_exec_id, reason, message, actor,
       trace_id, oxe.ts(occurred_at), (SELECT oxe.ts($2::int8)), leaf_hash
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::oxe.audit_action[], $7::oxe.order_status[], $8::oxe.execution_state[],
              $9::text[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::text[], $15::text[], $16::text[],
              $17::text[], $18::text[], $19::int8[], $20::bytea[], $21::oxe.side[], $22::int8[], $23::bytea[])
       WITH ORDINALITY AS entry (event_id, order_id, trader_id, action, status, execution_state,
                                 symbol, quantity, price, total_filled, average_price, venue, venue_exec_id, reason,
                                 message, actor, occurred_at, trace_id, side, trader_seq, leaf_hash, place)
