-- Revert oxe:bars from pg
BEGIN;

DROP FUNCTION oxe.first_id_at(timestamptz);
DROP FUNCTION oxe.bars_at(timestamptz, text, time);
DROP TABLE oxe.bars_counted;
DROP TABLE oxe.bars;

COMMIT;
