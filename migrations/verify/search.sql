-- Verify oxe:search on pg
BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('oxe_compliance', 'oxe.log_seq_before(timestamptz)', 'EXECUTE')
           AND has_function_privilege('oxe_compliance', 'oxe.trader_seq_at(uuid, bigint)', 'EXECUTE'),
           'compliance cannot look for a place in the log';
    ASSERT NOT has_function_privilege('oxe_trader', 'oxe.log_seq_before(timestamptz)', 'EXECUTE')
           AND NOT has_function_privilege('oxe_trader', 'oxe.trader_seq_at(uuid, bigint)', 'EXECUTE'),
           'anyone can look for a place in the log';
    ASSERT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs_action'::regclass)
           = (SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass),
           'a partition has no index on the action';
END
$$;

ROLLBACK;
