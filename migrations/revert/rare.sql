-- Revert oxe:rare from pg
BEGIN;

DROP INDEX oxe.execution_logs_action;
CREATE INDEX execution_logs_action ON oxe.execution_logs (action, log_seq)
    WHERE action NOT IN ('SUBMITTED', 'APPROVED', 'EXECUTED', 'FILLED');

COMMIT;
