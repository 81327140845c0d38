-- Verify oxe:watch on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('oxe_compliance', 'oxe.lanes', 'SELECT') AND has_table_privilege('oxe_compliance', 'oxe.put_aside', 'SELECT'),
           'lanes cannot be watched';
END
$$;

ROLLBACK;
