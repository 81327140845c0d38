-- Revert oxe:margin from pg
BEGIN;

CREATE OR REPLACE FUNCTION oxe.record_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    INSERT INTO limit_changes (trader_id, actor, role, before, after)
    SELECT NEW.id, coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), session_user, '{}',
           jsonb_object_agg(key, value)
      FROM jsonb_each(to_jsonb(NEW))
     WHERE key = ANY (ARRAY['subject', 'currency', 'opening_cash', 'status', 'daily_loss', 'max_position_quantity', 'max_order_quantity',
                            'max_order_notional', 'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling']);
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION oxe.record_limit_change() RETURNS trigger
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
CREATE OR REPLACE TRIGGER limit_changes
    AFTER UPDATE OF status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders,
                    price_collar_pct, orders_per_minute, short_selling ON oxe.traders
    FOR EACH ROW EXECUTE FUNCTION oxe.record_limit_change();
DROP FUNCTION oxe.account_risk(uuid[]);
DROP FUNCTION oxe.margin(numeric, numeric, numeric, numeric, numeric);
ALTER TABLE oxe.positions DROP COLUMN reducing_buy, DROP COLUMN reducing_sell;
ALTER TABLE oxe.traders DROP COLUMN short_margin_pct;

COMMIT;
