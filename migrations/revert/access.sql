-- Revert oxe:access from pg
BEGIN;

REVOKE ALL ON ALL TABLES IN SCHEMA oxe FROM
    oxe_validator, oxe_risk, oxe_executor, oxe_audit, oxe_trader, oxe_compliance, oxe_operations;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA oxe FROM oxe_risk, oxe_executor;
REVOKE EXECUTE ON FUNCTION oxe.make_partitions(integer) FROM oxe_audit;

DO $$
DECLARE
    policy record;
    name text;
BEGIN
    FOR policy IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'oxe' LOOP
        EXECUTE format('DROP POLICY %I ON oxe.%I', policy.policyname, policy.tablename);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'orders', 'fills', 'execution_logs', 'audit_traders'] LOOP
        EXECUTE format('ALTER TABLE oxe.%I NO FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE oxe.%I DISABLE ROW LEVEL SECURITY', name);
    END LOOP;
END
$$;

DROP FUNCTION oxe.current_trader();

COMMIT;
