-- Deploy oxe:keys to pg
-- requires: archived
-- A checkpoint that another key signs than the one before is an entry of the log: whose signature one has to ask for from here on.
BEGIN;

ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'KEY_CHANGED';

-- The name and id of the key of a note's first signature: what follows the em dash, and the first four bytes of the base64. NULL: it has none.
CREATE FUNCTION oxe.note_key(note text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (SELECT parts[1] || '+' || encode(substring(decode(rpad(left(parts[2], 8), 8, 'A'), 'base64') FOR 4), 'hex')
              FROM regexp_match(note, E'\n\n\u2014 ([^ \n]+) ([A-Za-z0-9+/]{8,}=*)\n') AS parts);

CREATE FUNCTION oxe.tell_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT text := (SELECT note_key(note) FROM audit_checkpoints WHERE tree_size < NEW.tree_size ORDER BY tree_size DESC LIMIT 1);
    after CONSTANT text := note_key(NEW.note);
BEGIN
    IF before <> after THEN
        PERFORM tell_operation('KEY_CHANGED', NULL, NULL, NULL, 'AUDIT_LOG', ARRAY[format('key: %s → %s', before, after)]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_key AFTER INSERT ON oxe.audit_checkpoints FOR EACH ROW EXECUTE FUNCTION oxe.tell_key();

COMMIT;
