-- Verify oxe:stamps on pg
BEGIN;

SELECT tree_size, note, answer, stamped_at FROM oxe.audit_stamps WHERE false;

ROLLBACK;
