-- Revert oxe:numbers from pg
BEGIN;

ALTER TABLE oxe.last_prices DROP CONSTRAINT last_prices_can_be_counted;
ALTER TABLE oxe.instruments DROP CONSTRAINT instruments_can_be_counted;
ALTER TABLE oxe.positions DROP CONSTRAINT positions_can_be_counted;
ALTER TABLE oxe.traders DROP CONSTRAINT traders_cash_can_be_counted;

COMMIT;
