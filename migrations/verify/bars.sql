-- Verify oxe:bars on pg
BEGIN;

SELECT symbol, span, starts_at, open, high, low, close, volume FROM oxe.bars WHERE false;
DO $$
BEGIN
    ASSERT (SELECT count(*) FROM oxe.bars_counted) = 1, 'bars_counted has not one row';
    ASSERT (SELECT count(*) FROM oxe.bars_at(now(), 'UTC', '00:00')) = 4, 'a moment is not in four bars';
    ASSERT oxe.first_id_at('2026-01-01T00:00:00Z') = '019b76da-a800-0000-0000-000000000000', 'an id is not of its moment';
END
$$;

ROLLBACK;
