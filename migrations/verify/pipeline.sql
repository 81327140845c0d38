-- Verify oxe:pipeline on pg
BEGIN;

SELECT id, batch, created_at FROM oxe.outbox WHERE false;
SELECT lane, epoch, in_seq, out_seq, owner, updated_at FROM oxe.lanes WHERE false;
SELECT process, service, backend_pid, beat_at FROM oxe.heartbeats WHERE false;
SELECT id, scope, trader_id, symbol, reason, created_by, created_at FROM oxe.halts WHERE false;
SELECT id, service, kind, order_id, detail, created_at FROM oxe.put_aside WHERE false;

DO $$
BEGIN
    ASSERT (SELECT seqcache FROM pg_sequence WHERE seqrelid = 'oxe.outbox_id'::regclass) = 1,
           'outbox ids are cached, so they do not follow the locks';
    ASSERT (SELECT count(*) FROM pg_constraint WHERE conrelid = 'oxe.halts'::regclass AND contype = 'c') = 3,
           'halts lack a check';
END
$$;

ROLLBACK;
