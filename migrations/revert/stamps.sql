-- Revert oxe:stamps from pg
BEGIN;

DROP TABLE oxe.audit_stamps;

COMMIT;
