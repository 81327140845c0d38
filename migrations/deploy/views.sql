-- Deploy oxe:views to pg
-- requires: rare
-- What a trader's screen lists: fills newest first, the legs of an order, and the halts that bind the trader.
BEGIN;

CREATE INDEX fills_of_trader ON oxe.fills (trader_id, id);
-- Neither column changes, so updates of orders stay HOT.
CREATE INDEX orders_of_parent ON oxe.orders (parent_order_id, id) WHERE parent_order_id IS NOT NULL;

-- A trader sees what binds them, but not who set it.
ALTER TABLE oxe.halts ENABLE ROW LEVEL SECURITY;
ALTER TABLE oxe.halts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_halts ON oxe.halts FOR SELECT TO oxe_trader USING (scope <> 'TRADER' OR trader_id = oxe.current_trader());
CREATE POLICY read_all ON oxe.halts FOR SELECT TO oxe_compliance USING (true);
CREATE POLICY service ON oxe.halts TO oxe_risk, oxe_executor USING (true) WITH CHECK (true);
GRANT SELECT (id, scope, symbol, reason, created_at) ON oxe.halts TO oxe_trader;

COMMIT;
