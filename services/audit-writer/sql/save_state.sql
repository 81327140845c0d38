UPDATE oxe.audit_state
   SET next_log_seq = $2::int8, frontier = $3::bytea, last_recorded_at = oxe.ts($4::int8)
 WHERE epoch = $1::int8
