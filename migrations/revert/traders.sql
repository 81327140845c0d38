-- Revert oxe:traders from pg
BEGIN;

DROP FUNCTION oxe.roll_day(uuid[], date);
DROP TABLE oxe.positions, oxe.traders;

COMMIT;
