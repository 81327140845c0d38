-- Revert oxe:brackets from pg
BEGIN;

ALTER TABLE oxe.orders
    DROP COLUMN sibling_order_id,
    DROP COLUMN protects_quantity,
    DROP COLUMN stop_loss_order_id,
    DROP COLUMN take_profit_order_id;

COMMIT;
