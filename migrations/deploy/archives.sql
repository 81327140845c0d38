-- Deploy oxe:archives to pg
-- requires: witnesses
-- Old months leave the log for files. Their leaf hashes stay, so that tiles and proofs are the same for ever.
BEGIN;

-- The entries of a month that is archived: none when last_seq is first_seq - 1.
CREATE TABLE oxe.audit_archives (
    month       date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    first_seq   bigint NOT NULL CHECK (first_seq > 0),
    last_seq    bigint NOT NULL CHECK (last_seq >= first_seq - 1),
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL DEFAULT coalesce(nullif(current_setting('oxe.actor', true), ''), session_user),
    role        text NOT NULL DEFAULT session_user
);

CREATE TABLE oxe.audit_archived_leaves (
    log_seq   bigint PRIMARY KEY,
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit_archives', 'audit_archived_leaves'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.%I FOR EACH ROW EXECUTE FUNCTION oxe.refuse_rewriting()', name);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.%I FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_rewriting()', name);
    END LOOP;
END
$$;

-- The hash of every entry, archived or not.
CREATE VIEW oxe.audit_leaves WITH (security_invoker = true) AS
    SELECT log_seq, leaf_hash FROM oxe.audit_archived_leaves
    UNION ALL
    SELECT log_seq, leaf_hash FROM oxe.execution_logs;

-- Row-level security hides the log from its owner too. The function below reads it.
CREATE POLICY archive ON oxe.execution_logs FOR SELECT TO CURRENT_USER USING (current_setting('oxe.archiving', true) = 'on');

-- Takes the oldest month of the log out of it, once its export has been verified: `first` and `last` are what the export has. The
-- table that was its partition stays, apart, until the owner drops it; a column that the log has not keeps it from coming back.
-- The hashes are copied first, which takes long; writers and readers wait for no more than the rest.
CREATE FUNCTION oxe.archive_month(month date, first bigint, last bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    part text := 'execution_logs_' || to_char(month, 'YYYY_MM');
    begins timestamptz := month::timestamptz;
    ends timestamptz := (month + interval '1 month')::timestamptz;
    oldest text;
    found_first bigint;
    found_last bigint;
    found_count bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('oxe.archive_month'));
    PERFORM set_config('oxe.archiving', 'on', true);
    IF EXISTS (SELECT FROM audit_archives a WHERE a.month = archive_month.month) THEN
        RAISE EXCEPTION '% is archived already', to_char(month, 'YYYY-MM') USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF month >= date_trunc('month', now()) THEN
        RAISE EXCEPTION '% is not over', to_char(month, 'YYYY-MM') USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT min(c.relname) INTO oldest FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'execution_logs'::regclass;
    IF oldest IS DISTINCT FROM part THEN
        RAISE EXCEPTION 'the oldest month of the log is %, not %', translate(right(oldest, 7), '_', '-'), to_char(month, 'YYYY-MM')
              USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT coalesce(min(log_seq), first), coalesce(max(log_seq), first - 1), count(*) INTO found_first, found_last, found_count
      FROM execution_logs WHERE recorded_at >= begins AND recorded_at < ends;
    IF (found_first, found_last, found_count) IS DISTINCT FROM (first, last, last - first + 1)
       OR first <> coalesce((SELECT max(last_seq) FROM audit_archives), 0) + 1 THEN
        RAISE EXCEPTION 'the month has % entries, from % to %, and the export those from % to %', found_count, found_first, found_last, first, last
              USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF last > coalesce((SELECT max(tree_size) FROM audit_published), 0) THEN
        RAISE EXCEPTION 'no checkpoint covers entry %', last USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    INSERT INTO audit_archived_leaves
    SELECT log_seq, leaf_hash FROM execution_logs WHERE recorded_at >= begins AND recorded_at < ends ORDER BY log_seq;

    LOCK TABLE execution_logs IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM execution_logs WHERE recorded_at >= begins AND recorded_at < ends AND log_seq > last) THEN
        RAISE EXCEPTION 'the month has got an entry meanwhile' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM set_config('oxe.archiving', '', true);
    EXECUTE format('ALTER TABLE oxe.execution_logs DETACH PARTITION oxe.%I', part);
    -- The trigger of the log's own for rows has left with the log.
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.%I FOR EACH ROW EXECUTE FUNCTION oxe.refuse_change()', part);
    EXECUTE format('ALTER TABLE oxe.%I ADD COLUMN archived_at timestamptz DEFAULT now()', part);
    EXECUTE format('ALTER TABLE oxe.%I RENAME TO %I', part, 'archived_' || part);
    INSERT INTO audit_archives (month, first_seq, last_seq) VALUES (archive_month.month, first, last);
END
$$;
REVOKE EXECUTE ON FUNCTION oxe.archive_month(date, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oxe.archive_month(date, bigint, bigint) TO oxe_operations;

GRANT SELECT ON oxe.audit_leaves, oxe.audit_archived_leaves TO oxe_compliance;
GRANT SELECT ON oxe.audit_archives TO oxe_compliance;

COMMIT;
