-- Verify oxe:halts on pg
BEGIN;

SELECT cancels_open FROM oxe.halts WHERE false;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_risk', 'oxe.halts', 'INSERT'), 'risk-manager cannot halt';
    ASSERT has_table_privilege('oxe_risk', 'oxe.halts', 'DELETE'), 'risk-manager cannot lift a halt';
    ASSERT NOT has_column_privilege('oxe_risk', 'oxe.halts', 'reason', 'UPDATE'), 'risk-manager may change why';
    ASSERT NOT has_table_privilege('oxe_executor', 'oxe.halts', 'DELETE'), 'executor may lift halts';
END
$$;

ROLLBACK;
