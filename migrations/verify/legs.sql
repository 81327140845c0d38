-- Verify oxe:legs on pg
BEGIN;

SELECT trader_id, symbol, side, order_id FROM oxe.open_legs WHERE false;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_executor', 'oxe.open_legs', 'INSERT'), 'executor cannot list a leg';
    ASSERT NOT has_table_privilege('oxe_risk', 'oxe.open_legs', 'INSERT'), 'risk-manager may list a leg';
END
$$;

ROLLBACK;
