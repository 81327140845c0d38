-- Verify oxe:numbers on pg
BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) = 4 FROM pg_constraint WHERE connamespace = 'oxe'::regnamespace AND convalidated
               AND conname IN ('traders_cash_can_be_counted', 'positions_can_be_counted', 'instruments_can_be_counted', 'last_prices_can_be_counted')),
           'a number that cannot be counted may be entered';
END
$$;

ROLLBACK;
