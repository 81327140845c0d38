-- Verify oxe:anew on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_executor', 'oxe.orders', 'reserve_price', 'UPDATE')
       AND has_column_privilege('oxe_executor', 'oxe.orders', 'reserve_quantity', 'UPDATE'), 'executor cannot reserve anew';
END
$$;

ROLLBACK;
