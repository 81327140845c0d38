-- Revert oxe:search from pg
BEGIN;

DROP INDEX oxe.execution_logs_action;
DROP FUNCTION oxe.trader_seq_at(uuid, bigint);
DROP FUNCTION oxe.log_seq_before(timestamptz);

COMMIT;
