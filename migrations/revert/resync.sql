-- Revert oxe:resync from pg
-- The action stays a word of its type: PostgreSQL takes none away, and entries may have it.
BEGIN;

REVOKE SELECT (process, beat_at) ON oxe.heartbeats FROM oxe_risk;
REVOKE SELECT (lane, owner) ON oxe.lanes FROM oxe_risk;
DROP TABLE oxe.lane_resyncs;
DROP FUNCTION oxe.tell_resync();
ALTER TABLE oxe.lanes
    DROP COLUMN logout_text,
    DROP COLUMN in_expected,
    DROP COLUMN in_received,
    DROP COLUMN out_next,
    DROP COLUMN out_expected;

COMMIT;
