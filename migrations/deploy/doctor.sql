-- Deploy oxe:doctor to pg
-- requires: backups
-- What oxectl doctor reads: halts, how long events wait, and how far the log is signed and published.
BEGIN;

GRANT SELECT ON oxe.halts TO oxe_operations;
CREATE POLICY watch ON oxe.halts FOR SELECT TO oxe_operations USING (true);
GRANT SELECT (id, created_at) ON oxe.outbox TO oxe_operations;
GRANT SELECT (next_log_seq, last_recorded_at) ON oxe.audit_state TO oxe_operations;
GRANT SELECT (tree_size, signed_at) ON oxe.audit_checkpoints TO oxe_operations;
GRANT SELECT (tree_size) ON oxe.audit_published TO oxe_operations;

COMMIT;
