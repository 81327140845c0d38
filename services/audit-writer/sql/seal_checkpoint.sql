INSERT INTO oxe.audit_checkpoints (tree_size, note) VALUES ($1::int8, $2::text)
