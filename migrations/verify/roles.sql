-- Verify oxe:roles on pg
BEGIN;

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit',
                                     'oxe_trader', 'oxe_compliance', 'oxe_operations']
    LOOP
        ASSERT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name AND rolcanlogin
                       AND NOT rolsuper AND NOT rolbypassrls AND NOT rolcreaterole AND NOT rolcreatedb
                       AND 'idle_in_transaction_session_timeout=2s' = ANY (rolconfig)),
               format('role %s is missing or may too much', role_name);
        ASSERT has_schema_privilege(role_name, 'oxe', 'USAGE'), format('%s cannot use schema oxe', role_name);
        ASSERT NOT has_schema_privilege(role_name, 'oxe', 'CREATE'), format('%s may create in schema oxe', role_name);
    END LOOP;
END
$$;

ROLLBACK;
