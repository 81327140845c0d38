-- Revert oxe:day from pg
BEGIN;

DROP TRIGGER first_price ON oxe.last_prices;
DROP FUNCTION oxe.open_first_price();
CREATE OR REPLACE FUNCTION oxe.trading_day(at timestamptz, tz text, day_start time) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((at AT TIME ZONE tz) - day_start)::date;

COMMIT;
