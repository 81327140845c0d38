-- Revert oxe:limits from pg
BEGIN;

DROP POLICY change_limits ON oxe.traders;
REVOKE UPDATE (status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders,
               price_collar_pct, orders_per_minute, short_selling) ON oxe.traders FROM oxe_operations;
DROP TRIGGER limit_changes ON oxe.traders;
DROP FUNCTION oxe.record_limit_change();
DROP TABLE oxe.limit_changes;
ALTER TABLE oxe.traders DROP CONSTRAINT traders_limits_can_be_counted;

COMMIT;
