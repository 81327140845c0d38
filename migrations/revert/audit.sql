-- Revert oxe:audit from pg
-- Drops the log with all its rows: what must be kept is exported before (DROP is the owner's alone, no trigger stops it).
BEGIN;

DROP TABLE oxe.audit_heads, oxe.audit_traders, oxe.audit_state;
DROP FUNCTION oxe.make_partitions(integer);
DROP TABLE oxe.execution_logs;
DROP FUNCTION oxe.refuse_other_writers();
DROP FUNCTION oxe.refuse_change();

COMMIT;
