-- Revert oxe:acknowledged from pg
-- The word stays in the type, which can lose none; entries that have it are part of the log, and stay.
BEGIN;

SELECT 'ACKNOWLEDGED'::oxe.audit_action;

COMMIT;
