-- Deploy oxe:archived to pg
-- requires: stamps
-- That a month has left the log stands in the log, like everything else that operations do.
BEGIN;

ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'MONTH_ARCHIVED';

CREATE FUNCTION oxe.tell_archive() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    PERFORM tell_operation('MONTH_ARCHIVED', NULL, NULL, NULL, NULL,
                           ARRAY['month: ' || to_char(NEW.month, 'YYYY-MM'), format('entries: %s to %s', NEW.first_seq, NEW.last_seq)]);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_archive AFTER INSERT ON oxe.audit_archives FOR EACH ROW EXECUTE FUNCTION oxe.tell_archive();

COMMIT;
