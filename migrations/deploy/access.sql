-- Deploy oxe:access to pg
-- requires: audit
-- Who may read and write what: grants, and row-level security that binds the owner too. A trader's session names its
-- trader with set_config('oxe.trader', id, true); without it, nothing is seen.
BEGIN;

CREATE FUNCTION oxe.current_trader() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('oxe.trader', true), '')::uuid;

GRANT SELECT ON oxe.instruments, oxe.last_prices, oxe.day_prices TO
    oxe_validator, oxe_risk, oxe_executor, oxe_trader, oxe_compliance, oxe_operations;

-- risk-manager: admission. Money moves by fills only, so it never touches cash or a position's quantity.
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.halts, oxe.lanes, oxe.outbox, oxe.order_transitions TO oxe_risk;
GRANT UPDATE (reserved, open_orders, trading_day, day_start_equity) ON oxe.traders TO oxe_risk;
GRANT INSERT (trader_id, symbol, open_buy, open_sell, updated_at), UPDATE (open_buy, open_sell, updated_at) ON oxe.positions TO oxe_risk;
GRANT INSERT ON oxe.orders, oxe.open_orders, oxe.outbox, oxe.day_prices TO oxe_risk;
GRANT UPDATE (cancel_requested_at, updated_at) ON oxe.orders TO oxe_risk;
GRANT USAGE ON SEQUENCE oxe.outbox_id TO oxe_risk, oxe_executor;

-- executor: from ADMITTED to DONE.
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.open_orders, oxe.fills, oxe.lanes, oxe.heartbeats,
                oxe.halts, oxe.order_transitions TO oxe_executor;
GRANT UPDATE (cash, reserved, open_orders, trading_day, day_start_equity) ON oxe.traders TO oxe_executor;
GRANT INSERT (trader_id, symbol, quantity, cost, open_buy, open_sell, realized_pnl, realized_day, updated_at),
      UPDATE (quantity, cost, open_buy, open_sell, realized_pnl, realized_day, updated_at) ON oxe.positions TO oxe_executor;
GRANT INSERT ON oxe.orders, oxe.fills, oxe.outbox, oxe.put_aside, oxe.halts, oxe.day_prices TO oxe_executor;
GRANT UPDATE (status, execution_state, attempts, next_check_at, filled_quantity, filled_notional, average_price, reserved,
              reason, venue_order_id, updated_at, quantity) ON oxe.orders TO oxe_executor;
GRANT INSERT, DELETE ON oxe.open_orders TO oxe_executor;
GRANT INSERT, UPDATE ON oxe.lanes, oxe.heartbeats, oxe.last_prices TO oxe_executor;

-- audit-writer: the only one that inserts into execution_logs.
GRANT SELECT, DELETE ON oxe.outbox TO oxe_audit;
GRANT SELECT, INSERT ON oxe.execution_logs, oxe.audit_heads TO oxe_audit;
GRANT SELECT, UPDATE ON oxe.audit_state TO oxe_audit;
GRANT SELECT, INSERT, UPDATE ON oxe.audit_traders, oxe.heartbeats TO oxe_audit;
GRANT INSERT ON oxe.put_aside TO oxe_audit;
GRANT EXECUTE ON FUNCTION oxe.make_partitions(integer) TO oxe_audit;

-- gateway: reads, as a trader under row-level security or as compliance.
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.fills, oxe.execution_logs, oxe.audit_traders TO oxe_trader;
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.fills, oxe.execution_logs, oxe.audit_heads, oxe.audit_state,
                oxe.audit_traders, oxe.halts TO oxe_compliance;

-- operations: watches, and opens accounts (new rows only: later changes go through functions of their own).
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.open_orders, oxe.fills, oxe.halts, oxe.put_aside, oxe.lanes, oxe.heartbeats TO oxe_operations;
GRANT INSERT ON oxe.traders, oxe.positions TO oxe_operations;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'orders', 'fills', 'execution_logs', 'audit_traders'] LOOP
        EXECUTE format('ALTER TABLE oxe.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE oxe.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON oxe.%I FOR SELECT TO oxe_trader USING (%I = oxe.current_trader())',
                       name, CASE name WHEN 'traders' THEN 'id' ELSE 'trader_id' END);
        EXECUTE format('CREATE POLICY read_all ON oxe.%I FOR SELECT TO oxe_compliance USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'orders', 'fills'] LOOP
        EXECUTE format('CREATE POLICY watch ON oxe.%I FOR SELECT TO oxe_operations USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['traders', 'positions'] LOOP
        EXECUTE format('CREATE POLICY service ON oxe.%I TO oxe_risk, oxe_executor USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['execution_logs', 'audit_traders'] LOOP
        EXECUTE format('CREATE POLICY service ON oxe.%I TO oxe_audit USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

CREATE POLICY service ON oxe.fills TO oxe_executor USING (true) WITH CHECK (true);

-- An order begins as admitted or as refused, never further on; after that the transition trigger watches.
CREATE POLICY service_read ON oxe.orders FOR SELECT TO oxe_risk, oxe_executor USING (true);
CREATE POLICY service_update ON oxe.orders FOR UPDATE TO oxe_risk, oxe_executor USING (true) WITH CHECK (true);
CREATE POLICY service_admit ON oxe.orders FOR INSERT TO oxe_risk, oxe_executor
    WITH CHECK (filled_quantity = 0 AND ((execution_state = 'ADMITTED' AND status = 'PENDING')
                                         OR (execution_state = 'DONE' AND status = 'REJECTED')));

-- How a gateway finds the trader of a verified token: it names the subject, and sees that row only.
CREATE POLICY own_subject ON oxe.traders FOR SELECT TO oxe_trader
    USING (subject = nullif(current_setting('oxe.subject', true), ''));

CREATE POLICY open_account ON oxe.traders FOR INSERT TO oxe_operations
    WITH CHECK (cash = opening_cash AND reserved = 0 AND open_orders = 0);
CREATE POLICY open_account ON oxe.positions FOR INSERT TO oxe_operations
    WITH CHECK (quantity = opening_quantity AND open_buy = 0 AND open_sell = 0);

COMMIT;
