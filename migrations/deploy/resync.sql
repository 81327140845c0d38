-- Deploy oxe:resync to pg
-- requires: closing
-- What the exchange said when a lane's session was lost or refused, with the numbers of both sides; operations' word that a session is to
-- begin anew, which the lane's owner carries out once; and what risk-manager's gauges read.
BEGIN;

ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'LANE_RESYNCED';

ALTER TABLE oxe.lanes
    ADD COLUMN logout_text  text,
    ADD COLUMN in_expected  bigint CHECK (in_expected > 0),
    ADD COLUMN in_received  bigint CHECK (in_received > 0),
    ADD COLUMN out_next     bigint CHECK (out_next > 0),
    ADD COLUMN out_expected bigint CHECK (out_expected > 0);
GRANT UPDATE (logout_text, in_expected, in_received, out_next, out_expected) ON oxe.lanes TO oxe_executor;

-- A row that is carried out stays: it is the history.
CREATE TABLE oxe.lane_resyncs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane        smallint NOT NULL REFERENCES oxe.lanes,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    actor       text NOT NULL DEFAULT coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), -- as in limit_changes
    role        text NOT NULL DEFAULT session_user,
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at     timestamptz,
    done_by     text,   -- the executor
    from_in_seq bigint, -- what the exchange's numbers had come to
    CHECK (num_nonnulls(done_at, done_by, from_in_seq) IN (0, 3))
);
CREATE INDEX lane_resyncs_open ON oxe.lane_resyncs (lane) WHERE done_at IS NULL;

GRANT SELECT ON oxe.lane_resyncs TO oxe_operations, oxe_executor;
GRANT INSERT (lane, reason) ON oxe.lane_resyncs TO oxe_operations;
GRANT UPDATE (done_at, done_by, from_in_seq) ON oxe.lane_resyncs TO oxe_executor;

-- One entry when it is asked for and one when it is done.
CREATE FUNCTION oxe.tell_resync() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tell_operation('LANE_RESYNCED', NULL, NULL, NULL, 'ASKED', ARRAY['lane: ' || NEW.lane]
            || CASE WHEN current_setting('oxe.reason', true) IS DISTINCT FROM NEW.reason THEN 'reason: ' || NEW.reason END);
    ELSE
        PERFORM set_config('oxe.actor', NEW.done_by, true);
        PERFORM tell_operation('LANE_RESYNCED', NULL, NULL, NULL, 'DONE',
                               ARRAY['lane: ' || NEW.lane, format('in_seq: %s → 0', NEW.from_in_seq), 'asked by: ' || NEW.actor]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_resync AFTER INSERT OR UPDATE OF done_at ON oxe.lane_resyncs FOR EACH ROW EXECUTE FUNCTION oxe.tell_resync();

GRANT SELECT (lane, owner) ON oxe.lanes TO oxe_risk;
GRANT SELECT (process, beat_at) ON oxe.heartbeats TO oxe_risk;

COMMIT;
