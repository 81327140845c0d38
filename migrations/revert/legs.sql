-- Revert oxe:legs from pg
BEGIN;

DROP TABLE oxe.open_legs;

COMMIT;
