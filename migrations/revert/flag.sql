-- Revert oxe:flag from pg
BEGIN;

DROP TABLE oxe.flag_changes;

COMMIT;
