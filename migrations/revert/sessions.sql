-- Revert oxe:sessions from pg
BEGIN;

ALTER TABLE oxe.lanes DROP COLUMN session, DROP COLUMN why, DROP COLUMN session_at, DROP COLUMN renumbered_at;

COMMIT;
