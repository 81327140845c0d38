-- Deploy oxe:daily_notional to pg
-- requires: resync
-- A limit on the value of all orders that a trading day takes of a trader, whatever becomes of them. Admission counts it in the row that it
-- locks, and the day's roll ends it. The release before rolls the count but adds nothing to it.
BEGIN;

-- The count ends where proto/risk.h lets it end, further than any limit can be.
ALTER TABLE oxe.traders
    ADD COLUMN max_daily_notional numeric(20, 8) NOT NULL DEFAULT 0 -- 0: none
        CONSTRAINT traders_max_daily_notional_check CHECK (max_daily_notional BETWEEN 0 AND 9999999999.99999999),
    ADD COLUMN daily_notional numeric(20, 8) NOT NULL DEFAULT 0 -- of trading_day
        CONSTRAINT traders_daily_notional_check CHECK (daily_notional BETWEEN 0 AND 90000000000);

-- Rolls the given traders, whose rows the caller has locked, into trading day `day`: day_start_equity becomes cash and positions at
-- the day's opening prices, daily_notional nothing. The first one of a day stores these prices. Does nothing for those already there,
-- or further: whoever waited for a lock across the day's end must not roll back. The order of symbols keeps two firsts from deadlock.
CREATE OR REPLACE FUNCTION oxe.roll_day(ids uuid[], day date) RETURNS void
    LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM traders WHERE id = ANY (ids) AND (trading_day IS NULL OR trading_day < day)) THEN
        RETURN;
    END IF;
    INSERT INTO day_prices SELECT day, symbol, price FROM last_prices ORDER BY symbol ON CONFLICT DO NOTHING;
    UPDATE traders t
       SET trading_day = day,
           daily_notional = 0,
           day_start_equity = t.cash + coalesce((SELECT sum(p.quantity * d.price) FROM positions p
                                                 JOIN day_prices d ON d.trading_day = day AND d.symbol = p.symbol
                                                 WHERE p.trader_id = t.id AND p.quantity <> 0), 0)
     WHERE id = ANY (ids) AND (trading_day IS NULL OR trading_day < day);
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
                            'max_daily_notional', 'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling',
                            'short_margin_pct'])
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER limit_changes
    AFTER UPDATE OF status, daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_daily_notional,
                    max_open_orders, price_collar_pct, orders_per_minute, short_selling, short_margin_pct ON oxe.traders
    FOR EACH ROW EXECUTE FUNCTION oxe.record_limit_change();

CREATE OR REPLACE FUNCTION oxe.record_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    INSERT INTO limit_changes (trader_id, actor, role, before, after)
    SELECT NEW.id, coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), session_user, '{}',
           jsonb_object_agg(key, value)
      FROM jsonb_each(to_jsonb(NEW))
     WHERE key = ANY (ARRAY['subject', 'currency', 'opening_cash', 'status', 'daily_loss', 'max_position_quantity', 'max_order_quantity',
                            'max_order_notional', 'max_daily_notional', 'max_open_orders', 'price_collar_pct', 'orders_per_minute',
                            'short_selling', 'short_margin_pct']);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION oxe.tell_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT jsonb := to_jsonb(OLD);
    after CONSTANT jsonb := to_jsonb(NEW);
    trader CONSTANT uuid := coalesce(after, before) ->> 'id';
    account CONSTANT text[] := '{subject, status, currency, cash, opening_cash, reserved, open_orders, daily_notional}'; -- the other columns are limits
    silent CONSTANT text[] := '{id, trading_day, day_start_equity, created_at}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tell_operation('ACCOUNT_OPENED', trader, NULL, NULL, NULL,
                               differences(NULL, after, silent || '{cash, reserved, open_orders, daily_notional}', true));
    ELSE
        PERFORM tell_operation('ACCOUNT_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account));
        PERFORM tell_operation('LIMITS_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account || silent, true));
    END IF;
    RETURN NULL;
END
$$;

GRANT UPDATE (max_daily_notional) ON oxe.traders TO oxe_operations;
GRANT UPDATE (daily_notional) ON oxe.traders TO oxe_risk, oxe_executor;

COMMIT;
