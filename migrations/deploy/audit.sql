-- Deploy oxe:audit to pg
-- requires: pipeline
-- The audit log: append-only for everybody, the owner too. Partitioned by month of recorded_at, which never decreases,
-- so that a partition is one range of log_seq.
BEGIN;

CREATE TABLE oxe.execution_logs (
    log_seq         bigint NOT NULL CHECK (log_seq > 0),
    event_id        uuid NOT NULL,
    order_id        uuid,
    trader_id       uuid,
    trader_seq      bigint CHECK (trader_seq > 0),
    action          oxe.audit_action NOT NULL,
    status          oxe.order_status,
    execution_state oxe.execution_state,
    symbol          text,
    side            oxe.side,
    quantity        numeric(20, 8),
    price           numeric(20, 8),
    total_filled    numeric(20, 8),
    average_price   numeric(20, 8),
    venue           text,
    venue_exec_id   text,
    reason          text,
    message         text,
    actor           text NOT NULL,
    trace_id        bytea,
    "timestamp"     timestamptz NOT NULL, -- when it happened
    recorded_at     timestamptz NOT NULL, -- when audit-writer recorded it
    leaf_hash       bytea NOT NULL CHECK (length(leaf_hash) = 32),
    PRIMARY KEY (log_seq, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE INDEX execution_logs_order ON oxe.execution_logs (order_id, log_seq);
CREATE INDEX execution_logs_trader ON oxe.execution_logs (trader_id, trader_seq);

CREATE FUNCTION oxe.refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'execution_logs is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Grants and policies keep other services out; this keeps the owner and superusers from inserting by mistake or on purpose.
CREATE FUNCTION oxe.refuse_other_writers() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'oxe_audit' THEN
        RAISE EXCEPTION 'only oxe_audit writes execution_logs, not %', current_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;

-- Row triggers are cloned to every partition; statement triggers are not, so make_partitions adds them.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON oxe.execution_logs
    FOR EACH ROW EXECUTE FUNCTION oxe.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.execution_logs
    FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_change();
CREATE TRIGGER one_writer BEFORE INSERT ON oxe.execution_logs
    FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_other_writers();

-- Makes the partitions of the current month (UTC) and the `ahead` ones after it. Returns how many it made. A partition is
-- made apart and then attached, because that does not block those who read and write the log.
CREATE FUNCTION oxe.make_partitions(ahead integer DEFAULT 3) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first date := date_trunc('month', now())::date;
    month date;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('oxe.make_partitions'));
    FOR i IN 0..least(greatest(ahead, 0), 24) LOOP
        month := (first + make_interval(months => i))::date;
        part := 'execution_logs_' || to_char(month, 'YYYY_MM');
        IF to_regclass('oxe.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE oxe.%I (LIKE oxe.execution_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON oxe.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_change()', part);
            EXECUTE format('CREATE TRIGGER one_writer BEFORE INSERT ON oxe.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION oxe.refuse_other_writers()', part);
            EXECUTE format('ALTER TABLE oxe.%I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE oxe.%I FORCE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE oxe.execution_logs ATTACH PARTITION oxe.%I FOR VALUES FROM (%L) TO (%L)',
                           part, month::timestamptz, (month + interval '1 month')::timestamptz);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION oxe.make_partitions(integer) FROM PUBLIC;
DO $$ BEGIN PERFORM oxe.make_partitions(); END $$;

-- One row, updated in every transaction of audit-writer: that is why log_seq and trader_seq have no gaps.
CREATE TABLE oxe.audit_state (
    one              boolean PRIMARY KEY DEFAULT true CHECK (one),
    next_log_seq     bigint NOT NULL DEFAULT 1,
    epoch            bigint NOT NULL DEFAULT 0, -- raised by each audit-writer that takes over
    frontier         bytea NOT NULL DEFAULT '', -- RFC 9162: roots of the complete subtrees
    last_recorded_at timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 10);
INSERT INTO oxe.audit_state DEFAULT VALUES;

CREATE TABLE oxe.audit_traders (
    trader_id uuid PRIMARY KEY,
    last_seq  bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE oxe.audit_heads (
    tree_size  bigint PRIMARY KEY,
    root_hash  bytea NOT NULL CHECK (length(root_hash) = 32),
    signed_at  timestamptz NOT NULL,
    key_id     text NOT NULL,
    signature  bytea NOT NULL
);

COMMIT;
