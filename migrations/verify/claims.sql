-- Verify oxe:claims on pg
BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.traders'::regclass AND tgname IN ('status_under_halt_lock', 'under_halt_lock')),
           'a change of status does not wait for orders that are on their way out';
END
$$;

ROLLBACK;
