-- Revert oxe:archives from pg
BEGIN;

-- What is archived is in files only: without its hashes the rest of the log could not be proved.
DO $$
BEGIN
    IF EXISTS (SELECT FROM oxe.audit_archives) THEN
        RAISE EXCEPTION 'months of the log are archived, and their hashes are here alone';
    END IF;
END
$$;

DROP FUNCTION oxe.archive_month(date, bigint, bigint);
DROP POLICY archive ON oxe.execution_logs;
DROP VIEW oxe.audit_leaves;
DROP TABLE oxe.audit_archived_leaves, oxe.audit_archives;

COMMIT;
