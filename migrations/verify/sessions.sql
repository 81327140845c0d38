-- Verify oxe:sessions on pg
BEGIN;

SELECT session, why, session_at, renumbered_at FROM oxe.lanes WHERE false;

ROLLBACK;
