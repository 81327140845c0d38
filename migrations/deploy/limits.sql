-- Deploy oxe:limits to pg
-- requires: brackets
-- Operations changes a trader's limits and status. An UPDATE takes the lock under which admission reads the row, so the next
-- order that is decided already sees it. Every change is kept, whoever makes it: by a trigger, not by the goodwill of a client.
BEGIN;

-- The contract's numbers have at most ten digits before the point. NaN is above all of them.
ALTER TABLE oxe.traders ADD CONSTRAINT traders_limits_can_be_counted CHECK (
    greatest(daily_loss, max_position_quantity, max_order_quantity, max_order_notional, price_collar_pct) <= 9999999999.99999999);

CREATE TABLE oxe.limit_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trader_id   uuid NOT NULL REFERENCES oxe.traders,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL, -- the person, as the client says; the role where it says nothing
    role        text NOT NULL, -- as whom PostgreSQL let the client in
    before      jsonb NOT NULL, -- of the columns that changed
    after       jsonb NOT NULL
);
CREATE INDEX limit_changes_of_trader ON oxe.limit_changes (trader_id, id);

-- Runs as the owner, so that nobody needs a right to write the table.
CREATE FUNCTION oxe.record_limit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    INSERT INTO limit_changes (trader_id, actor, role, before, after)
    SELECT NEW.id, coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), session_user,
           jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, a.value)
      FROM jsonb_each(to_jsonb(OLD)) AS b
      JOIN jsonb_each(to_jsonb(NEW)) AS a USING (key)
     WHERE a.value <> b.value
       AND key = ANY (ARRAY['status', 'daily_loss', 'max_position_quantity', 'max_order_quantity', 'max_order_notional',
                            'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling'])
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER limit_changes
    AFTER UPDATE OF status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders,
                    price_collar_pct, orders_per_minute, short_selling ON oxe.traders
    FOR EACH ROW EXECUTE FUNCTION oxe.record_limit_change();

GRANT UPDATE (status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders,
              price_collar_pct, orders_per_minute, short_selling) ON oxe.traders TO oxe_operations;
CREATE POLICY change_limits ON oxe.traders FOR UPDATE TO oxe_operations USING (true) WITH CHECK (true);
GRANT SELECT ON oxe.limit_changes TO oxe_operations, oxe_compliance;

COMMIT;
