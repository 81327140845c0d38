-- Verify oxe:accounts on pg
BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.traders'::regclass AND tgname = 'account_opened'),
           'who opens an account is not recorded';
    ASSERT has_column_privilege('oxe_operations', 'oxe.traders', 'subject', 'INSERT'), 'operations cannot open accounts';
    ASSERT NOT has_column_privilege('oxe_operations', 'oxe.traders', 'day_start_equity', 'INSERT'), 'operations may make up a trading day';
END
$$;

ROLLBACK;
