-- Verify oxe:reference on pg
BEGIN;

SELECT symbol, name, currency, tick_size, lot_size, tradable, updated_at FROM oxe.instruments WHERE false;
SELECT symbol, price, updated_at FROM oxe.last_prices WHERE false;
SELECT trading_day, symbol, price FROM oxe.day_prices WHERE false;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_constraint WHERE conrelid IN ('oxe.last_prices'::regclass, 'oxe.day_prices'::regclass)
            AND contype = 'f' AND confrelid = 'oxe.instruments'::regclass) = 2, 'prices are not of instruments';
    ASSERT (SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND conrelid IN
            ('oxe.instruments'::regclass, 'oxe.last_prices'::regclass, 'oxe.day_prices'::regclass)) = 3, 'a primary key is missing';
END
$$;

ROLLBACK;
