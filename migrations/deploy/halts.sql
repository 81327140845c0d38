-- Deploy oxe:halts to pg
-- requires: limits
-- Operations set and lift halts through the risk-manager. A halt that cancels what is open remembers so until every such order has
-- its cancel request, whoever dies meanwhile.
BEGIN;

ALTER TABLE oxe.halts ADD COLUMN cancels_open boolean NOT NULL DEFAULT false;

GRANT INSERT, DELETE, UPDATE (cancels_open) ON oxe.halts TO oxe_risk;
GRANT SELECT ON oxe.open_orders TO oxe_risk;

COMMIT;
