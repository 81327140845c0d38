-- Revert oxe:watch from pg
BEGIN;

REVOKE SELECT ON oxe.open_orders, oxe.put_aside, oxe.commands, oxe.lanes, oxe.heartbeats FROM oxe_compliance;

COMMIT;
