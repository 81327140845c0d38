-- Revert oxe:evidence from pg
BEGIN;

DELETE FROM oxe.open_orders oo USING oxe.orders o WHERE o.id = oo.order_id AND o.execution_state = 'DONE';
ALTER TABLE oxe.orders
    DROP COLUMN recalls,
    DROP COLUMN venue_known;

COMMIT;
