-- Revert oxe:checkpoints from pg
BEGIN;

DROP POLICY read_hashes ON oxe.execution_logs;
REVOKE SELECT (log_seq, leaf_hash) ON oxe.execution_logs FROM oxe_audit;
ALTER TABLE oxe.audit_state DROP COLUMN sealed_frontier;
DROP TABLE oxe.audit_tiles, oxe.audit_checkpoints;
DROP FUNCTION oxe.refuse_rewriting();

CREATE TABLE oxe.audit_heads (
    tree_size  bigint PRIMARY KEY,
    root_hash  bytea NOT NULL CHECK (length(root_hash) = 32),
    signed_at  timestamptz NOT NULL,
    key_id     text NOT NULL,
    signature  bytea NOT NULL
);

COMMIT;
