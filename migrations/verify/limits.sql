-- Verify oxe:limits on pg
BEGIN;

SELECT id, trader_id, changed_at, actor, role, before, after FROM oxe.limit_changes WHERE false;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'oxe.traders'::regclass AND conname = 'traders_limits_can_be_counted'),
           'a limit may be too large to be counted';
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.traders'::regclass AND tgname = 'limit_changes'),
           'changes of limits are not recorded';
    ASSERT has_column_privilege('oxe_operations', 'oxe.traders', 'daily_loss', 'UPDATE'), 'operations cannot change limits';
    ASSERT NOT has_column_privilege('oxe_operations', 'oxe.traders', 'cash', 'UPDATE'), 'operations may give money';
    ASSERT NOT has_table_privilege('oxe_operations', 'oxe.limit_changes', 'INSERT'), 'operations may make up changes';
END
$$;

ROLLBACK;
