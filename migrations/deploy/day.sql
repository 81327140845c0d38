-- Deploy oxe:day to pg
-- requires: halts
-- A trading day is what lies between two of its beginnings, also where the clock skips the beginning or shows it twice; and a symbol
-- whose first price comes after the day was rolled opens at that price.
BEGIN;

-- By the local clock first; next to a change of the clock that may be a day off what the beginnings say.
CREATE OR REPLACE FUNCTION oxe.trading_day(at timestamptz, tz text, day_start time) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((at AT TIME ZONE tz) - day_start)::date
           - (at < (((at AT TIME ZONE tz) - day_start)::date + day_start) AT TIME ZONE tz)::integer
           + (at >= ((((at AT TIME ZONE tz) - day_start)::date + 1) + day_start) AT TIME ZONE tz)::integer;

-- Nobody could trade the symbol before (no price, no order), so what is held now was held when the day began. The locks first, in
-- their order: a trader who is being rolled meanwhile has then either seen this price or is seen here.
CREATE FUNCTION oxe.open_first_price() RETURNS trigger
    LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
DECLARE
    today date;
BEGIN
    PERFORM FROM traders t WHERE t.id IN (SELECT p.trader_id FROM positions p WHERE p.symbol = NEW.symbol AND p.quantity <> 0)
      ORDER BY t.id FOR NO KEY UPDATE;
    SELECT max(trading_day) INTO today FROM traders;
    IF today IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO day_prices VALUES (today, NEW.symbol, NEW.price) ON CONFLICT DO NOTHING;
    UPDATE traders t
       SET day_start_equity = t.day_start_equity + p.quantity * d.price
      FROM positions p, day_prices d
     WHERE p.trader_id = t.id AND p.symbol = NEW.symbol AND p.quantity <> 0 AND t.trading_day = today
       AND d.trading_day = today AND d.symbol = NEW.symbol;
    RETURN NULL;
END
$$;
CREATE TRIGGER first_price AFTER INSERT ON oxe.last_prices FOR EACH ROW EXECUTE FUNCTION oxe.open_first_price();

COMMIT;
