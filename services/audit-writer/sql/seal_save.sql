UPDATE oxe.audit_state SET sealed_frontier = $2::bytea WHERE epoch = $1::int8
