-- Deploy oxe:numbers to pg
-- requires: anew
-- What people enter by SQL can be counted too: PostgreSQL's NaN is above all numbers, so it passes 'greater than 0', and a column holds two
-- digits more than the contract's numbers have. Cash has no end of its own, because fills move it: only what it begins with has.
BEGIN;

ALTER TABLE oxe.traders
    ADD CONSTRAINT traders_cash_can_be_counted CHECK (cash <> 'NaN' AND abs(opening_cash) <= 9999999999.99999999);
ALTER TABLE oxe.positions
    ADD CONSTRAINT positions_can_be_counted CHECK (quantity <> 'NaN' AND opening_quantity <> 'NaN' AND cost <> 'NaN');
ALTER TABLE oxe.instruments
    ADD CONSTRAINT instruments_can_be_counted CHECK (greatest(tick_size, lot_size) <= 9999999999.99999999);
ALTER TABLE oxe.last_prices
    ADD CONSTRAINT last_prices_can_be_counted CHECK (price <> 'NaN');

COMMIT;
