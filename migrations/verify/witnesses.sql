-- Verify oxe:witnesses on pg
BEGIN;

SELECT tree_size, note, published_at FROM oxe.audit_published WHERE false;
DO $$
BEGIN
    ASSERT has_table_privilege('oxe_audit', 'oxe.audit_tiles', 'SELECT'), 'audit-writer cannot read tiles';
END
$$;

ROLLBACK;
