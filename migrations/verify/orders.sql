-- Verify oxe:orders on pg
BEGIN;

SELECT id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit, status, execution_state,
       lane, attempts, next_check_at, filled_quantity, filled_notional, average_price, reserve_price, reserve_quantity, reserved,
       reason, idempotent_key, fingerprint, rejection, parent_order_id, actor, trace_id, cancel_requested_at, expires_at,
       venue_order_id, created_at, updated_at FROM oxe.orders WHERE false;
SELECT lane, order_id FROM oxe.open_orders WHERE false;
SELECT id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, flag, "timestamp",
       recorded_at FROM oxe.fills WHERE false;
SELECT from_state, from_status, to_state, to_status FROM oxe.order_transitions WHERE false;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_constraint WHERE contype = 'u' AND (conrelid, pg_get_constraintdef(oid)) IN (
                ('oxe.orders'::regclass, 'UNIQUE (trader_id, idempotent_key)'),
                ('oxe.orders'::regclass, 'UNIQUE (trader_id, id)'),
                ('oxe.fills'::regclass, 'UNIQUE (order_id, venue, venue_exec_id)'))) = 3, 'a unique constraint is missing';
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.orders'::regclass AND tgname = 'order_transition'
                   AND tgenabled = 'O' AND tgfoid = 'oxe.check_order_transition'::regproc), 'the transition trigger is missing';
    ASSERT EXISTS (SELECT FROM oxe.order_transitions WHERE from_state = 'ADMITTED' AND to_state = 'SENT'),
           'the transitions are missing';
    ASSERT NOT EXISTS (SELECT FROM oxe.order_transitions WHERE from_state = 'DONE' AND to_state <> 'DONE'),
           'an order can come back from DONE';
END
$$;

ROLLBACK;
