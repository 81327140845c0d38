-- Deploy oxe:flag to pg
-- requires: day
-- ORDER_EXECUTION_V2_ENABLED while the suite runs: the latest row is in force on every gateway; without one, each has the value that it
-- was started with. A change is a new row and nobody may touch an old one, so the table is its own history. Who sets it names the
-- percentage alone: the rest is the database's to say.
BEGIN;

CREATE TABLE oxe.flag_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    percent     smallint NOT NULL CHECK (percent BETWEEN 0 AND 100), -- of traders whose orders are taken
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL DEFAULT coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), -- as in limit_changes
    role        text NOT NULL DEFAULT session_user
);

GRANT SELECT (id, percent) ON oxe.flag_changes TO oxe_trader;
GRANT SELECT ON oxe.flag_changes TO oxe_operations, oxe_compliance;
-- A gateway remembers limits for a while, and is to forget them when one has changed.
GRANT SELECT (id) ON oxe.limit_changes TO oxe_trader;
GRANT INSERT (percent) ON oxe.flag_changes TO oxe_operations;

COMMIT;
