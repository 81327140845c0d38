-- Verify oxe:brackets on pg
BEGIN;

SELECT sibling_order_id, protects_quantity, stop_loss_order_id, take_profit_order_id FROM oxe.orders WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_executor', 'oxe.orders', 'protects_quantity', 'UPDATE'), 'executor cannot grow a leg';
    ASSERT has_column_privilege('oxe_executor', 'oxe.orders', 'stop_loss_order_id', 'UPDATE'), 'executor cannot name a leg';
    ASSERT NOT has_column_privilege('oxe_executor', 'oxe.orders', 'parent_order_id', 'UPDATE'), 'executor may move a leg to another entry';
END
$$;

ROLLBACK;
