-- One row per command, columns as arrays side by side; $12 now.
INSERT INTO oxe.commands (lane, order_id, kind, action, quantity, price, venue_exec_id, reason, actor, trace_id, id, created_at)
SELECT r.*, oxe.ts($12::bigint)
  FROM unnest($1::smallint[], $2::uuid[], $3::oxe.command_kind[], $4::oxe.resolve_action[], $5::numeric[], $6::numeric[],
              $7::text[], $8::text[], $9::text[], $10::bytea[], $11::uuid[])
       AS r (lane, order_id, kind, action, quantity, price, venue_exec_id, reason, actor, trace_id, id)
