-- Revert oxe:witnesses from pg
BEGIN;

REVOKE SELECT ON oxe.audit_tiles FROM oxe_audit;
DROP TABLE oxe.audit_published;

COMMIT;
