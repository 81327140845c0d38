-- Deploy oxe:sessions to pg
-- requires: margin
-- How a lane's session at the exchange is and why it does not stand, for people; and when the exchange began its numbers anew without
-- being asked: an order from before that it does not know may still have been executed.
BEGIN;

ALTER TABLE oxe.lanes
    ADD COLUMN session       text NOT NULL DEFAULT 'DOWN' CHECK (session IN ('DOWN', 'REFUSED', 'READY')),
    ADD COLUMN why           text,
    ADD COLUMN session_at    timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN renumbered_at timestamptz;

COMMIT;
