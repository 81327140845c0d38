-- Revert oxe:cosigning from pg
BEGIN;

REVOKE SELECT ON oxe.audit_leaves, oxe.audit_archived_leaves FROM oxe_audit;

COMMIT;
