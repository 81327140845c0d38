-- Verify oxe:late_locks on pg
BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_trigger
             WHERE tgrelid IN ('oxe.traders'::regclass, 'oxe.positions'::regclass) AND tgname = 'under_halt_lock') = 2,
           'what people change does not wait for orders that are being admitted';
    ASSERT pg_get_functiondef('oxe.roll_day(uuid[], date)'::regprocedure) LIKE '%FOR NO KEY UPDATE%', 'the day rolls over rows that move';
    ASSERT has_function_privilege('oxe_executor', 'oxe.expect_written(bigint, integer)', 'EXECUTE'), 'executor cannot tell what it wrote';
END
$$;

ROLLBACK;
