-- Deploy oxe:checkpoints to pg
-- requires: numbers
-- The log's checkpoints, signed by audit-writer, and the roots of its full tiles, from which anybody makes proofs. All of it is written
-- once, as the log is. For signing, audit-writer reads the hashes of what it has written, and no more of it.
BEGIN;

DROP TABLE oxe.audit_heads;

CREATE TABLE oxe.audit_checkpoints (
    tree_size bigint PRIMARY KEY CHECK (tree_size >= 0),
    note      text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The hash at `place` of level `level` of the tiles: of 256^level leaves, level 1 and above. Level 0 are the leaf hashes of the log.
CREATE TABLE oxe.audit_tiles (
    level smallint CHECK (level BETWEEN 1 AND 7),
    place bigint CHECK (place >= 0),
    hash  bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
);

ALTER TABLE oxe.audit_state ADD COLUMN sealed_frontier bytea NOT NULL DEFAULT '';

CREATE FUNCTION oxe.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit_checkpoints', 'audit_tiles'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.%I FOR EACH ROW EXECUTE FUNCTION oxe.refuse_rewriting()', name);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.%I FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_rewriting()', name);
        EXECUTE format('CREATE TRIGGER one_writer BEFORE INSERT ON oxe.%I FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_other_writers()', name);
    END LOOP;
END
$$;

GRANT SELECT, INSERT (tree_size, note) ON oxe.audit_checkpoints TO oxe_audit;
GRANT INSERT ON oxe.audit_tiles TO oxe_audit;
GRANT UPDATE (sealed_frontier) ON oxe.audit_state TO oxe_audit;
GRANT SELECT (log_seq, leaf_hash) ON oxe.execution_logs TO oxe_audit;
CREATE POLICY read_hashes ON oxe.execution_logs FOR SELECT TO oxe_audit USING (true);
GRANT SELECT ON oxe.audit_checkpoints, oxe.audit_tiles TO oxe_compliance;

COMMIT;
