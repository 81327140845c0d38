-- Verify oxe:traders on pg
BEGIN;

SELECT id, subject, status, currency, cash, opening_cash, reserved, open_orders, daily_loss, max_position_quantity,
       max_order_quantity, max_order_notional, max_open_orders, price_collar_pct, orders_per_minute, short_selling,
       trading_day, day_start_equity, created_at FROM oxe.traders WHERE false;
SELECT trader_id, symbol, quantity, opening_quantity, cost, open_buy, open_sell, realized_pnl, realized_day, updated_at
  FROM oxe.positions WHERE false;
SELECT oxe.roll_day('{}', current_date);

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'oxe.traders'::regclass AND contype = 'u'
                   AND pg_get_constraintdef(oid) = 'UNIQUE (subject)'), 'subjects are not unique';
    ASSERT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'oxe.positions'::regclass AND contype = 'p'
                   AND pg_get_constraintdef(oid) = 'PRIMARY KEY (trader_id, symbol)'), 'positions have another key';
END
$$;

ROLLBACK;
