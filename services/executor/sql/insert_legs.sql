-- The legs of entries that the same transaction fills. Their keys are made of their own ids, which nobody can know before.
WITH recorded AS (
    INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, status, execution_state, lane,
                            idempotent_key, fingerprint, parent_order_id, sibling_order_id, protects_quantity, actor, trace_id,
                            created_at, updated_at)
    SELECT l.id, l.trader_id, l.symbol, l.side, l.quantity, l.order_type, 'GTC', l.price, 'PENDING', 'ADMITTED', l.lane,
           'bracket:' || l.id, sha256(convert_to(l.id::text, 'UTF8')), l.parent, l.sibling, l.protects, $13::text, l.trace_id,
           oxe.ts($14), oxe.ts($14)
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::oxe.side[], $5::numeric[], $6::oxe.order_type[], $7::numeric[],
                $8::smallint[], $9::uuid[], $10::uuid[], $11::numeric[], $12::bytea[])
        AS l (id, trader_id, symbol, side, quantity, order_type, price, lane, parent, sibling, protects, trace_id)
    RETURNING id, lane, trader_id, symbol, side),
listed AS (
    INSERT INTO oxe.open_legs (trader_id, symbol, side, order_id)
    SELECT trader_id, symbol, side, id FROM recorded)
INSERT INTO oxe.open_orders (lane, order_id)
SELECT lane, id FROM recorded
