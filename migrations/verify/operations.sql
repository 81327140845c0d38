-- Verify oxe:operations on pg
BEGIN;

SELECT batch, operation, (operation).event_id, (operation).action, (operation).actor, (operation).occurred_at FROM oxe.outbox WHERE false;

DO $$
DECLARE
    name text;
BEGIN
    ASSERT enum_range('ACCOUNT_OPENED'::oxe.audit_action, 'INSTRUMENT_CHANGED')::text
           = '{ACCOUNT_OPENED,ACCOUNT_CHANGED,LIMITS_CHANGED,FLAG_CHANGED,INSTRUMENT_CHANGED}';
    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'instruments', 'halts', 'flag_changes'] LOOP
        ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ('oxe.' || name)::regclass AND tgname ^@ 'tell_'),
               format('changes of %s are not told', name);
    END LOOP;
    ASSERT NOT has_any_column_privilege('oxe_operations', 'oxe.positions', 'INSERT'), 'operations may make up positions';
    ASSERT NOT has_column_privilege('oxe_executor', 'oxe.outbox', 'operation', 'INSERT'), 'a service may make up operations';
    ASSERT NOT has_function_privilege('oxe_operations', 'oxe.tell_operation(oxe.audit_action, uuid, text, numeric, text, text[])', 'EXECUTE'),
           'operations may make up entries';
END
$$;

ROLLBACK;
