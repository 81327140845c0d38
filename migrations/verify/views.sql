-- Verify oxe:views on pg
BEGIN;

DO $$
BEGIN
    ASSERT to_regclass('oxe.fills_of_trader') IS NOT NULL AND to_regclass('oxe.orders_of_parent') IS NOT NULL, 'an index is missing';
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'oxe.halts'::regclass), 'halts has no row-level security';
    ASSERT NOT has_column_privilege('oxe_trader', 'oxe.halts', 'created_by', 'SELECT'), 'a trader sees who set a halt';
END
$$;

ROLLBACK;
