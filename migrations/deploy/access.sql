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

-- risk-manager: admission.
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.halts, oxe.lanes, oxe.outbox TO oxe_risk;
GRANT UPDATE (reserved, open_orders, trading_day, day_start_equity) ON oxe.traders TO oxe_risk;
GRANT INSERT, UPDATE ON oxe.positions TO oxe_risk;
GRANT INSERT ON oxe.orders, oxe.open_orders, oxe.outbox, oxe.day_prices TO oxe_risk;
GRANT UPDATE (cancel_requested_at, updated_at) ON oxe.orders TO oxe_risk;
GRANT USAGE ON SEQUENCE oxe.outbox_id TO oxe_risk, oxe_executor;

-- executor: from ADMITTED to DONE.
GRANT SELECT ON oxe.traders, oxe.positions, oxe.orders, oxe.open_orders, oxe.fills, oxe.lanes, oxe.heartbeats, oxe.halts TO oxe_executor;
GRANT UPDATE (cash, reserved, open_orders, trading_day, day_start_equity) ON oxe.traders TO oxe_executor;
GRANT INSERT, UPDATE ON oxe.positions TO oxe_executor;
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
GRANT SELECT ON oxe.traders, oxe.orders, oxe.fills, oxe.halts, oxe.put_aside, oxe.lanes, oxe.heartbeats TO oxe_operations;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'orders', 'fills', 'execution_logs', 'audit_traders'] LOOP
        EXECUTE format('ALTER TABLE oxe.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE oxe.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON oxe.%I FOR SELECT TO oxe_trader USING (%I = oxe.current_trader())',
                       name, CASE name WHEN 'traders' THEN 'id' ELSE 'trader_id' END);
        EXECUTE format('CREATE POLICY read_all ON oxe.%I FOR SELECT TO oxe_compliance, oxe_operations USING (true)', name);
        EXECUTE format('CREATE POLICY service ON oxe.%I TO oxe_risk, oxe_executor, oxe_audit USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

-- How a gateway finds the trader of a verified token: it names the subject, and sees that row only.
CREATE POLICY own_subject ON oxe.traders FOR SELECT TO oxe_trader
    USING (subject = nullif(current_setting('oxe.subject', true), ''));

-- operations opens accounts: new rows only, later changes go through their own functions.
GRANT INSERT ON oxe.traders, oxe.positions TO oxe_operations;
CREATE POLICY open_account ON oxe.traders FOR INSERT TO oxe_operations WITH CHECK (cash = opening_cash AND reserved = 0);
CREATE POLICY open_account ON oxe.positions FOR INSERT TO oxe_operations WITH CHECK (quantity = opening_quantity);

COMMIT;
