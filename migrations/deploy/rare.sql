-- Deploy oxe:rare to pg
-- requires: aside
-- An order that rests has an ACKNOWLEDGED since that action exists, so it is one of those that are everywhere in the log: the index that helps to find
-- the others need not hold it.
BEGIN;

DROP INDEX oxe.execution_logs_action;
CREATE INDEX execution_logs_action ON oxe.execution_logs (action, log_seq)
    WHERE action NOT IN ('SUBMITTED', 'APPROVED', 'EXECUTED', 'FILLED', 'ACKNOWLEDGED');

COMMIT;
