-- Verify oxe:day on pg
BEGIN;

DO $$
BEGIN
    ASSERT oxe.trading_day('2026-03-08 07:15:00+00', 'America/New_York', '02:30') = '2026-03-07',
           'a day begins before its beginning when the clock skips it';
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.last_prices'::regclass AND tgname = 'first_price'),
           'a symbol''s first price is not its opening price';
END
$$;

ROLLBACK;
