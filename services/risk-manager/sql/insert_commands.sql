-- One row per command, columns as arrays side by side; $12 now.
INSERT INTO oxe.commands (id, lane, order_id, kind, action, quantity, price, venue_exec_id, reason, actor, trace_id, created_at)
SELECT r.*, oxe.ts($12::bigint)
  FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::oxe.command_kind[], $5::oxe.resolve_action[], $6::numeric[], $7::numeric[],
              $8::text[], $9::text[], $10::text[], $11::bytea[])
       AS r (id, lane, order_id, kind, action, quantity, price, venue_exec_id, reason, actor, trace_id)
