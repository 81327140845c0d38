-- Verify oxe:closing on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_operations', 'oxe.fills', 'SELECT') AND has_table_privilege('oxe_operations', 'oxe.positions', 'SELECT'),
           'the day cannot be closed';
END
$$;

ROLLBACK;
