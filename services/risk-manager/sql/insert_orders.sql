-- One row per order, columns as arrays side by side. Refused ones are recorded too, but are not open.
WITH recorded AS (
    INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit,
                            status, execution_state, lane, reserve_price, reserve_quantity, reserved, reason,
                            idempotent_key, fingerprint, rejection, actor, trace_id, expires_at, created_at, updated_at)
    SELECT r.id, r.trader_id, r.symbol, r.side, r.quantity, r.order_type, r.time_in_force, r.price, r.stop_loss, r.take_profit,
           r.status, r.execution_state, r.lane, r.reserve_price, r.reserve_quantity, r.reserved, r.reason,
           r.key, r.fingerprint, r.rejection, r.actor, r.trace_id, oxe.ts(r.expires_at), oxe.ts($24::bigint), oxe.ts($24::bigint)
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::oxe.side[], $5::numeric[], $6::oxe.order_type[],
                  $7::oxe.time_in_force[], $8::numeric[], $9::numeric[], $10::numeric[], $11::oxe.order_status[],
                  $12::oxe.execution_state[], $13::numeric[], $14::numeric[], $15::numeric[], $16::text[],
                  $17::text[], $18::bytea[], $19::text[], $20::bytea[], $21::smallint[], $22::bytea[], $23::bigint[])
           AS r (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit,
                 status, execution_state, reserve_price, reserve_quantity, reserved, reason,
                 key, fingerprint, actor, trace_id, lane, rejection, expires_at)
    RETURNING id, lane, execution_state
)
INSERT INTO oxe.open_orders (lane, order_id)
SELECT lane, id FROM recorded WHERE execution_state <> 'DONE'
