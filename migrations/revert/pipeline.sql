-- Revert oxe:pipeline from pg
BEGIN;

DROP TABLE oxe.put_aside, oxe.halts, oxe.heartbeats, oxe.lanes, oxe.outbox;

COMMIT;
