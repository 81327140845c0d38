-- Deploy oxe:stamps to pg
-- requires: cosigning
-- Time stamps over checkpoints (RFC 3161), one a day: what an authority outside says of when the log had come so far.
BEGIN;

CREATE TABLE oxe.audit_stamps (
    tree_size  bigint PRIMARY KEY CHECK (tree_size >= 0),
    note       text NOT NULL,
    answer     bytea NOT NULL CHECK (length(answer) BETWEEN 1 AND 32768),
    stamped_at timestamptz NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.audit_stamps FOR EACH ROW EXECUTE FUNCTION oxe.refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.audit_stamps FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_rewriting();
CREATE TRIGGER one_writer BEFORE INSERT ON oxe.audit_stamps FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_other_writers();

GRANT SELECT, INSERT ON oxe.audit_stamps TO oxe_audit;
GRANT SELECT ON oxe.audit_stamps TO oxe_compliance;

COMMIT;
