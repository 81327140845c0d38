-- Verify oxe:archives on pg
BEGIN;

SELECT month, first_seq, last_seq, archived_at, actor, role FROM oxe.audit_archives WHERE false;
SELECT log_seq, leaf_hash FROM oxe.audit_leaves WHERE false;
DO $$
BEGIN
    ASSERT has_function_privilege('oxe_operations', 'oxe.archive_month(date, bigint, bigint)', 'EXECUTE'), 'operations cannot archive';
END
$$;

ROLLBACK;
