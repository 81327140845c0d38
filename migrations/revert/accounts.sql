-- Revert oxe:accounts from pg
BEGIN;

REVOKE INSERT (id, subject, status, currency, cash, opening_cash, daily_loss, max_position_quantity, max_order_quantity, max_order_notional,
              max_open_orders, price_collar_pct, orders_per_minute, short_selling) ON oxe.traders FROM oxe_operations;
GRANT INSERT ON oxe.traders TO oxe_operations;
DROP TRIGGER account_opened ON oxe.traders;
DROP FUNCTION oxe.record_opening();

COMMIT;
