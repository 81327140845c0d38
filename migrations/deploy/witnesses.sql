-- Deploy oxe:witnesses to pg
-- requires: checkpoints
-- Checkpoints as they are published: with the cosignatures of the witnesses that the policy asks for. A signed one that lacks them is
-- not here. To prove to a witness that the log has only grown, audit-writer reads the roots of tiles that it has written.
BEGIN;

CREATE TABLE oxe.audit_published (
    tree_size    bigint PRIMARY KEY CHECK (tree_size >= 0),
    note         text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO oxe.audit_published (tree_size, note)
SELECT tree_size, note FROM oxe.audit_checkpoints ORDER BY tree_size DESC LIMIT 1;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.audit_published FOR EACH ROW EXECUTE FUNCTION oxe.refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.audit_published FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_rewriting();
CREATE TRIGGER one_writer BEFORE INSERT ON oxe.audit_published FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_other_writers();

GRANT SELECT, INSERT (tree_size, note) ON oxe.audit_published TO oxe_audit;
GRANT SELECT ON oxe.audit_tiles TO oxe_audit;
GRANT SELECT ON oxe.audit_published TO oxe_compliance;

COMMIT;
