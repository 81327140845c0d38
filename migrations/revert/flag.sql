-- Revert oxe:flag from pg
BEGIN;

REVOKE SELECT (id) ON oxe.limit_changes FROM oxe_trader;
DROP TABLE oxe.flag_changes;

COMMIT;
