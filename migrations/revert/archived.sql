-- Revert oxe:archived from pg
-- The action stays a word of its type: PostgreSQL takes none away, and entries may have it.
BEGIN;

DROP TRIGGER tell_archive ON oxe.audit_archives;
DROP FUNCTION oxe.tell_archive();

COMMIT;
