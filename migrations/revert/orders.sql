-- Revert oxe:orders from pg
BEGIN;

DROP TABLE oxe.fills, oxe.open_orders, oxe.orders;
DROP FUNCTION oxe.check_order_transition();
DROP TABLE oxe.order_transitions;

COMMIT;
