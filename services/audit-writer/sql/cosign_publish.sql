INSERT INTO oxe.audit_published (tree_size, note) VALUES ($1::int8, $2::text) ON CONFLICT DO NOTHING
