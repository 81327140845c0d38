-- The legs of entries that the same transaction fills. Their keys are made of their own ids, which nobody can know before.
WITH recorded AS (
    INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, status, execution_state, lane,
                            reason, idempotent_key, fingerprint, parent_order_id, sibling_order_id, protects_quantity, actor, trace_id,
                            created_at, updated_at)
    SELECT l.id, l.trader_id, l.symbol, l.side, l.quantity, l.order_type, 'GTC', l.price, l.status, l.execution_state, l.lane,
           l.reason, 'bracket:' || l.id, sha256(convert_to(l.id::text, 'UTF8')), l.parent, l.sibling, l.protects, $16::text, l.trace_id,
           oxe.ts($17), oxe.ts($17)
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::oxe.side[], $5::numeric[], $6::oxe.order_type[], $7::numeric[],
                $8::oxe.order_status[], $9::oxe.execution_state[], $10::smallint[], $11::text[], $12::uuid[], $13::uuid[],
                $14::numeric[], $15::bytea[])
        AS l (id, trader_id, symbol, side, quantity, order_type, price, status, execution_state, lane, reason, parent, sibling,
              protects, trace_id)
    RETURNING id, lane, execution_state)
INSERT INTO oxe.open_orders (lane, order_id)
SELECT lane, id FROM recorded WHERE execution_state <> 'DONE'
