-- Deploy oxe:closing to pg
-- requires: doctor
-- Before and after the day: operations compares what was executed with the exchange's own books, and sees which migrations are here.
BEGIN;

GRANT SELECT ON oxe.fills, oxe.positions TO oxe_operations;
CREATE POLICY watch ON oxe.fills FOR SELECT TO oxe_operations USING (true);
CREATE POLICY watch ON oxe.positions FOR SELECT TO oxe_operations USING (true);

-- Where the schema was deployed by other means than sqitch there is no list.
DO $$
BEGIN
    IF to_regclass('sqitch.changes') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA sqitch TO oxe_operations;
        GRANT SELECT ON sqitch.changes TO oxe_operations;
    END IF;
END
$$;

COMMIT;
