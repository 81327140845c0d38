-- Revert oxe:halts from pg
BEGIN;

REVOKE SELECT ON oxe.open_orders FROM oxe_risk;
REVOKE INSERT, DELETE, UPDATE (cancels_open) ON oxe.halts FROM oxe_risk;
ALTER TABLE oxe.halts DROP COLUMN cancels_open;

COMMIT;
