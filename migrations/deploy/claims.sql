-- Deploy oxe:claims to pg
-- requires: sessions
-- An order is not sent while its account is not active. Who claims an order holds the halt lock shared; so a change of status takes it alone, and an
-- order goes out before the change is committed, or not until the account is active again. After the row, as admission does.
BEGIN;

CREATE FUNCTION oxe.lock_halts() RETURNS trigger
    LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1751215220); -- 'halt' in ASCII, as in the services' lock_halts.sql
    RETURN NULL;
END
$$;
CREATE TRIGGER status_under_halt_lock
    AFTER UPDATE OF status ON oxe.traders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION oxe.lock_halts();

COMMIT;
