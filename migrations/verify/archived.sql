-- Verify oxe:archived on pg
BEGIN;

DO $$
BEGIN
    ASSERT 'MONTH_ARCHIVED' = ANY (enum_range(NULL::oxe.audit_action)::text[]), 'there is no such action';
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.audit_archives'::regclass AND tgname = 'tell_archive'), 'it is not told';
END
$$;

ROLLBACK;
