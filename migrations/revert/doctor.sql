-- Revert oxe:doctor from pg
BEGIN;

DROP POLICY watch ON oxe.halts;
REVOKE SELECT ON oxe.halts FROM oxe_operations;
REVOKE SELECT (id, created_at) ON oxe.outbox FROM oxe_operations;
REVOKE SELECT (next_log_seq, last_recorded_at) ON oxe.audit_state FROM oxe_operations;
REVOKE SELECT (tree_size, signed_at) ON oxe.audit_checkpoints FROM oxe_operations;
REVOKE SELECT (tree_size) ON oxe.audit_published FROM oxe_operations;

COMMIT;
