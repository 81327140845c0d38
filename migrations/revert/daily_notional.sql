-- Revert oxe:daily_notional from pg
BEGIN;

CREATE OR REPLACE FUNCTION oxe.tell_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT jsonb := to_jsonb(OLD);
    after CONSTANT jsonb := to_jsonb(NEW);
    trader CONSTANT uuid := coalesce(after, before) ->> 'id';
    account CONSTANT text[] := '{subject, status, currency, cash, opening_cash, reserved, open_orders}'; -- the other columns are limits
    silent CONSTANT text[] := '{id, trading_day, day_start_equity, created_at}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tell_operation('ACCOUNT_OPENED', trader, NULL, NULL, NULL,
                               differences(NULL, after, silent || '{cash, reserved, open_orders}', true));
    ELSE
        PERFORM tell_operation('ACCOUNT_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account));
        PERFORM tell_operation('LIMITS_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account || silent, true));
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION oxe.record_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    INSERT INTO limit_changes (trader_id, actor, role, before, after)
    SELECT NEW.id, coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), session_user, '{}',
           jsonb_object_agg(key, value)
      FROM jsonb_each(to_jsonb(NEW))
     WHERE key = ANY (ARRAY['subject', 'currency', 'opening_cash', 'status', 'daily_loss', 'max_position_quantity', 'max_order_quantity',
                            'max_order_notional', 'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling',
                            'short_margin_pct']);
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
                            'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling', 'short_margin_pct'])
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER limit_changes
    AFTER UPDATE OF status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_open_orders,
                    price_collar_pct, orders_per_minute, short_selling, short_margin_pct ON oxe.traders
    FOR EACH ROW EXECUTE FUNCTION oxe.record_limit_change();

CREATE OR REPLACE FUNCTION oxe.roll_day(ids uuid[], day date) RETURNS void
    LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM traders WHERE id = ANY (ids) AND (trading_day IS NULL OR trading_day < day)) THEN
        RETURN;
    END IF;
    INSERT INTO day_prices SELECT day, symbol, price FROM last_prices ORDER BY symbol ON CONFLICT DO NOTHING;
    UPDATE traders t
       SET trading_day = day,
           day_start_equity = t.cash + coalesce((SELECT sum(p.quantity * d.price) FROM positions p
                                                 JOIN day_prices d ON d.trading_day = day AND d.symbol = p.symbol
                                                 WHERE p.trader_id = t.id AND p.quantity <> 0), 0)
     WHERE id = ANY (ids) AND (trading_day IS NULL OR trading_day < day);
END
$$;

ALTER TABLE oxe.traders DROP COLUMN daily_notional, DROP COLUMN max_daily_notional;

COMMIT;
