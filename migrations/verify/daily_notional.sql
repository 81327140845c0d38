-- Verify oxe:daily_notional on pg
BEGIN;

SELECT max_daily_notional, daily_notional FROM oxe.traders WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_operations', 'oxe.traders', 'max_daily_notional', 'UPDATE'), 'operations cannot change the limit';
    ASSERT NOT has_column_privilege('oxe_operations', 'oxe.traders', 'daily_notional', 'UPDATE'), 'operations can change the count';
    ASSERT has_column_privilege('oxe_risk', 'oxe.traders', 'daily_notional', 'UPDATE'), 'risk-manager cannot count';
    ASSERT has_column_privilege('oxe_executor', 'oxe.traders', 'daily_notional', 'UPDATE'), 'executor cannot roll the day';
    ASSERT pg_get_functiondef('oxe.roll_day(uuid[], date)'::regprocedure) LIKE '%daily_notional = 0%', 'a day does not end the count';
    ASSERT (SELECT pg_get_triggerdef(oid) LIKE '%max_daily_notional%' FROM pg_trigger
             WHERE tgrelid = 'oxe.traders'::regclass AND tgname = 'limit_changes'), 'changes of the limit are not kept';
END
$$;

ROLLBACK;
