-- Revert oxe:types from pg
BEGIN;

DROP FUNCTION oxe.trading_day_end(date, text, time);
DROP FUNCTION oxe.trading_day(timestamptz, text, time);
DROP FUNCTION oxe.ts(bigint);
DROP FUNCTION oxe.us(timestamptz);
DROP DOMAIN oxe.symbol;
DROP TYPE oxe.halt_scope, oxe.account_status, oxe.audit_action, oxe.execution_state, oxe.order_status,
    oxe.time_in_force, oxe.order_type, oxe.side;

COMMIT;
