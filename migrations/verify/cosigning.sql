-- Verify oxe:cosigning on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_audit', 'oxe.audit_leaves', 'SELECT'), 'audit-writer cannot read archived hashes';
END
$$;

ROLLBACK;
