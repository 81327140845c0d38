-- Verify oxe:checkpoints on pg
BEGIN;

SELECT tree_size, note, signed_at FROM oxe.audit_checkpoints WHERE false;
SELECT level, place, hash FROM oxe.audit_tiles WHERE false;
SELECT sealed_frontier FROM oxe.audit_state WHERE false;
DO $$
BEGIN
    ASSERT has_column_privilege('oxe_audit', 'oxe.execution_logs', 'leaf_hash', 'SELECT'), 'audit-writer cannot read hashes';
    ASSERT NOT has_column_privilege('oxe_audit', 'oxe.execution_logs', 'order_id', 'SELECT'), 'audit-writer can read entries';
END
$$;

ROLLBACK;
