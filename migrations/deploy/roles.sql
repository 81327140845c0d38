-- Deploy oxe:roles to pg
-- One role per service with the least grants. Roles belong to the cluster, so they are made only when missing; passwords
-- are set by whoever operates the cluster, never here.
BEGIN;

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit',
                                     'oxe_trader', 'oxe_compliance', 'oxe_operations']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
        END IF;
        -- A frozen process cannot keep its row locks.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''2s''', role_name);
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA oxe;
GRANT USAGE ON SCHEMA oxe TO oxe_validator, oxe_risk, oxe_executor, oxe_audit, oxe_trader, oxe_compliance, oxe_operations;

COMMIT;
