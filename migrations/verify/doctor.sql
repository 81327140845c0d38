-- Verify oxe:doctor on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_operations', 'oxe.halts', 'SELECT'), 'operations reads no halts';
    ASSERT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'oxe' AND tablename = 'halts' AND policyname = 'watch'), 'operations sees no halts';
    ASSERT has_column_privilege('oxe_operations', 'oxe.outbox', 'created_at', 'SELECT'), 'operations does not see how long events wait';
    ASSERT has_column_privilege('oxe_operations', 'oxe.audit_checkpoints', 'signed_at', 'SELECT'), 'operations does not see what is signed';
END
$$;

ROLLBACK;
