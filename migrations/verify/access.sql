-- Verify oxe:access on pg
BEGIN;

DO $$
DECLARE
    services text[] := ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit', 'oxe_trader', 'oxe_compliance', 'oxe_operations'];
    name text;
BEGIN
    ASSERT oxe.current_trader() IS NULL OR current_setting('oxe.trader', true) <> '', 'a trader appears from nowhere';

    FOREACH name IN ARRAY ARRAY['traders', 'positions', 'orders', 'fills', 'execution_logs', 'audit_traders'] LOOP
        ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = ('oxe.' || name)::regclass),
               format('row-level security of %s is not forced', name);
        ASSERT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'oxe' AND tablename = name AND policyname = 'own_rows'
                       AND roles = '{oxe_trader}' AND cmd = 'SELECT'), format('%s lacks the traders'' policy', name);
    END LOOP;
    ASSERT NOT EXISTS (SELECT FROM pg_partition_tree('oxe.execution_logs') JOIN pg_class ON oid = relid
                       WHERE NOT relrowsecurity OR NOT relforcerowsecurity), 'a partition lacks forced row-level security';

    ASSERT NOT EXISTS (SELECT FROM information_schema.column_privileges
                       WHERE table_schema = 'oxe' AND grantee = ANY (services) AND grantee <> 'oxe_audit'
                         AND table_name ^@ 'execution_logs' AND privilege_type <> 'SELECT'), 'another role may write the log';
    ASSERT NOT EXISTS (SELECT FROM unnest(services) AS service, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
                       WHERE has_table_privilege(service, 'oxe.execution_logs', privilege)), 'a role may change the log';
    ASSERT has_table_privilege('oxe_audit', 'oxe.outbox', 'DELETE'), 'audit-writer cannot take outbox rows';
    ASSERT has_table_privilege('oxe_audit', 'oxe.execution_logs', 'INSERT'), 'audit-writer cannot write the log';
    ASSERT has_function_privilege('oxe_audit', 'oxe.make_partitions(integer)', 'EXECUTE'), 'audit-writer cannot make partitions';
    ASSERT NOT has_column_privilege('oxe_risk', 'oxe.traders', 'cash', 'UPDATE'), 'risk-manager may move money';
    ASSERT NOT has_column_privilege('oxe_risk', 'oxe.positions', 'quantity', 'UPDATE'), 'risk-manager may move positions';
    ASSERT has_table_privilege('oxe_trader', 'oxe.orders', 'SELECT'), 'a trader cannot read orders';
END
$$;

ROLLBACK;
