-- Verify oxe:rare on pg
BEGIN;

DO $$
BEGIN
    ASSERT (SELECT pg_get_expr(indpred, indrelid) LIKE '%ACKNOWLEDGED%' FROM pg_index
             WHERE indexrelid = 'oxe.execution_logs_action'::regclass),
           'the index of rare actions holds the frequent ACKNOWLEDGED';
    ASSERT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs_action'::regclass)
           = (SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass),
           'a partition has no index on the action';
END
$$;

ROLLBACK;
