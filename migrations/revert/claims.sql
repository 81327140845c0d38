-- Revert oxe:claims from pg
BEGIN;

DROP TRIGGER status_under_halt_lock ON oxe.traders;
DROP FUNCTION oxe.lock_halts();

COMMIT;
