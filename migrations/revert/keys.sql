-- Revert oxe:keys from pg
-- The action stays a word of its type: PostgreSQL takes none away, and entries may have it.
BEGIN;

DROP TRIGGER tell_key ON oxe.audit_checkpoints;
DROP FUNCTION oxe.tell_key();
DROP FUNCTION oxe.note_key(text);

COMMIT;
