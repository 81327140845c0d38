-- Verify oxe:backups on pg
BEGIN;

SELECT id, kind, label, started_at, finished_at, bytes FROM oxe.backups WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_backup', 'oxe.backups', 'label', 'INSERT'), 'no backup can be recorded';
    ASSERT NOT has_table_privilege('oxe_backup', 'oxe.orders', 'SELECT'), 'who makes backups reads orders';
    ASSERT has_table_privilege('oxe_operations', 'oxe.backups', 'SELECT'), 'operations cannot see which backups there are';
    ASSERT has_column_privilege('oxe_trader', 'oxe.backups', 'finished_at', 'SELECT'), 'a gateway cannot tell how old the last one is';
END
$$;

ROLLBACK;
