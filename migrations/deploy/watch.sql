-- Deploy oxe:watch to pg
-- requires: bars
-- What operations watches over HTTP, the gateway reads as compliance.
BEGIN;

GRANT SELECT ON oxe.open_orders, oxe.put_aside, oxe.commands, oxe.lanes, oxe.heartbeats TO oxe_compliance;

COMMIT;
