-- Revert oxe:reference from pg
BEGIN;

DROP TABLE oxe.day_prices, oxe.last_prices, oxe.instruments;

COMMIT;
