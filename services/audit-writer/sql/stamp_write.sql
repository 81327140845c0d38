INSERT INTO oxe.audit_stamps (tree_size, note, answer, stamped_at) VALUES ($1::int8, $2::text, $3::bytea, oxe.ts($4::int8)) ON CONFLICT DO NOTHING
