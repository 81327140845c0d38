-- Revert oxe:views from pg
BEGIN;

REVOKE SELECT (id, scope, symbol, reason, created_at) ON oxe.halts FROM oxe_trader;
DROP POLICY service ON oxe.halts;
DROP POLICY read_all ON oxe.halts;
DROP POLICY own_halts ON oxe.halts;
ALTER TABLE oxe.halts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE oxe.halts DISABLE ROW LEVEL SECURITY;
DROP INDEX oxe.orders_of_parent;
DROP INDEX oxe.fills_of_trader;

COMMIT;
