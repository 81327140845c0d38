-- Verify oxe:commands on pg
BEGIN;

SELECT id, lane, order_id, kind, action, quantity, price, venue_exec_id, reason, actor, trace_id, created_at
  FROM oxe.commands WHERE false;

DO $$
BEGIN
    ASSERT enum_range(NULL::oxe.command_kind)::text = '{CANCEL,RESOLVE}';
    ASSERT enum_range(NULL::oxe.resolve_action)::text = '{RETRY,REJECT,CANCEL,FILL}';
    ASSERT (SELECT count(*) FROM pg_constraint WHERE conrelid = 'oxe.commands'::regclass AND contype = 'c') = 10,
           'commands lack a check';
    ASSERT has_table_privilege('oxe_risk', 'oxe.commands', 'INSERT'), 'risk-manager cannot record a command';
    ASSERT has_table_privilege('oxe_executor', 'oxe.commands', 'DELETE'), 'executor cannot carry out a command';
    ASSERT NOT has_table_privilege('oxe_executor', 'oxe.commands', 'INSERT'), 'executor may command itself';
END
$$;

ROLLBACK;
