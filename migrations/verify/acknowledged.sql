-- Verify oxe:acknowledged on pg
BEGIN;

SELECT 'ACKNOWLEDGED'::oxe.audit_action;

ROLLBACK;
