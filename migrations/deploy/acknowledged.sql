-- Deploy oxe:acknowledged to pg
-- requires: evidence
-- An order that the exchange works and has not filled has an entry of its own: ACKNOWLEDGED. The value can be used once this is committed.
BEGIN;

ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'ACKNOWLEDGED' AFTER 'RESUMED';

COMMIT;
