-- Verify oxe:audit on pg
BEGIN;

SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, execution_state, symbol, side, quantity, price,
       total_filled, average_price, venue, venue_exec_id, reason, message, actor, trace_id, "timestamp", recorded_at, leaf_hash
  FROM oxe.execution_logs WHERE false;
SELECT one, next_log_seq, epoch, frontier, last_recorded_at FROM oxe.audit_state WHERE false;
SELECT trader_id, last_seq FROM oxe.audit_traders WHERE false;

DO $$
DECLARE
    part regclass;
BEGIN
    ASSERT (SELECT partstrat FROM pg_partitioned_table WHERE partrelid = 'oxe.execution_logs'::regclass) = 'r',
           'execution_logs is not partitioned by range';
    ASSERT to_regclass('oxe.execution_logs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL
           OR (SELECT next_log_seq FROM oxe.audit_state) > 1, 'this month has no partition';
    FOR part IN SELECT relid FROM pg_partition_tree('oxe.execution_logs') LOOP
        ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = part AND tgname = 'append_only' AND tgenabled = 'O'
                       AND tgfoid = 'oxe.refuse_change'::regproc), format('%s can be changed', part);
        ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = part AND tgname = 'append_only_truncate' AND tgenabled = 'O'
                       AND tgfoid = 'oxe.refuse_change'::regproc), format('%s can be truncated', part);
        ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = part AND tgname = 'one_writer' AND tgenabled = 'O'
                       AND tgfoid = 'oxe.refuse_other_writers'::regproc), format('anyone can insert into %s', part);
    END LOOP;
    ASSERT (SELECT count(*) FROM oxe.audit_state) = 1, 'audit_state has not its one row';
    ASSERT (SELECT prosecdef FROM pg_proc WHERE oid = 'oxe.make_partitions(integer)'::regprocedure),
           'make_partitions does not run as its owner';
    ASSERT NOT has_function_privilege('oxe_trader', 'oxe.make_partitions(integer)', 'EXECUTE'), 'anyone can make partitions';
END
$$;

ROLLBACK;
