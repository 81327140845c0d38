-- Deploy oxe:roles to pg
-- One role per service with the least grants. Roles belong to the cluster, so they are made only when missing (several
-- databases may share them, and a migration's owner without CREATEROLE may find them made); passwords are set by whoever
-- operates the cluster, never here.
BEGIN;

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit',
                                     'oxe_trader', 'oxe_compliance', 'oxe_operations']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database of this cluster made it at the same moment
            END;
        END IF;
        -- A frozen process cannot keep its row locks.
        IF NOT EXISTS (SELECT FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole
                       WHERE setdatabase = 0 AND rolname = role_name
                         AND 'idle_in_transaction_session_timeout=2s' = ANY (setconfig)) THEN
            EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''2s''', role_name);
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA oxe;
GRANT USAGE ON SCHEMA oxe TO oxe_validator, oxe_risk, oxe_executor, oxe_audit, oxe_trader, oxe_compliance, oxe_operations;

COMMIT;
