-- Revert oxe:operations from pg
-- The words stay in oxe.audit_action, which can lose none; entries that have them are part of the log, and stay.
BEGIN;

DROP POLICY service ON oxe.execution_logs;
CREATE POLICY service ON oxe.execution_logs TO oxe_audit USING (true) WITH CHECK (true);
CREATE POLICY read_all ON oxe.traders FOR SELECT TO oxe_compliance USING (true);
CREATE POLICY read_all ON oxe.positions FOR SELECT TO oxe_compliance USING (true);
CREATE POLICY read_all ON oxe.fills FOR SELECT TO oxe_compliance USING (true);
CREATE POLICY watch ON oxe.positions FOR SELECT TO oxe_operations USING (true);
CREATE POLICY watch ON oxe.fills FOR SELECT TO oxe_operations USING (true);
CREATE POLICY open_account ON oxe.positions FOR INSERT TO oxe_operations
    WITH CHECK (quantity = opening_quantity AND open_buy = 0 AND open_sell = 0);

-- A right to the whole table takes in those to its columns.
GRANT SELECT ON oxe.last_prices, oxe.day_prices TO oxe_validator;
GRANT SELECT ON oxe.lanes, oxe.order_transitions, oxe.outbox TO oxe_risk;
GRANT INSERT ON oxe.orders, oxe.outbox TO oxe_risk, oxe_executor;
GRANT INSERT ON oxe.fills, oxe.halts, oxe.lanes, oxe.put_aside TO oxe_executor;
GRANT UPDATE ON oxe.lanes, oxe.heartbeats, oxe.last_prices TO oxe_executor;
GRANT SELECT ON oxe.execution_logs TO oxe_audit;
GRANT SELECT, INSERT ON oxe.audit_heads TO oxe_audit;
GRANT UPDATE ON oxe.audit_state, oxe.audit_traders, oxe.heartbeats TO oxe_audit;
GRANT INSERT ON oxe.put_aside TO oxe_audit;
GRANT SELECT ON oxe.instruments, oxe.last_prices, oxe.day_prices, oxe.traders, oxe.positions, oxe.fills, oxe.audit_heads, oxe.audit_state,
                oxe.limit_changes, oxe.flag_changes TO oxe_compliance;
GRANT SELECT ON oxe.instruments, oxe.last_prices, oxe.day_prices, oxe.positions, oxe.fills, oxe.halts TO oxe_operations;
GRANT INSERT ON oxe.positions TO oxe_operations;
GRANT INSERT (status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders, price_collar_pct,
              orders_per_minute, short_selling, short_margin_pct) ON oxe.traders TO oxe_operations;

DROP TRIGGER tell_flag ON oxe.flag_changes;
DROP TRIGGER tell_halt ON oxe.halts;
DROP TRIGGER tell_instrument ON oxe.instruments;
DROP TRIGGER tell_position ON oxe.positions;
DROP TRIGGER tell_account ON oxe.traders;
DROP FUNCTION oxe.tell_flag();
DROP FUNCTION oxe.tell_halt();
DROP FUNCTION oxe.tell_instrument();
DROP FUNCTION oxe.tell_position();
DROP FUNCTION oxe.tell_account();
DROP FUNCTION oxe.tell_operation(oxe.audit_action, uuid, text, numeric, text, text[]);
DROP FUNCTION oxe.event_id(timestamptz);
DROP FUNCTION oxe.cut(text, integer);
DROP FUNCTION oxe.differences(jsonb, jsonb, text[], boolean);
DROP FUNCTION oxe.plain(jsonb);

DELETE FROM oxe.outbox WHERE operation IS NOT NULL;
ALTER TABLE oxe.outbox DROP COLUMN operation, ALTER COLUMN batch SET NOT NULL;
DROP TYPE oxe.operation;

COMMIT;
