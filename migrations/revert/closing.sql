-- Revert oxe:closing from pg
BEGIN;

DO $$
BEGIN
    IF to_regclass('sqitch.changes') IS NOT NULL THEN
        REVOKE SELECT ON sqitch.changes FROM oxe_operations;
        REVOKE USAGE ON SCHEMA sqitch FROM oxe_operations;
    END IF;
END
$$;
DROP POLICY watch ON oxe.positions;
DROP POLICY watch ON oxe.fills;
REVOKE SELECT ON oxe.fills, oxe.positions FROM oxe_operations;

COMMIT;
