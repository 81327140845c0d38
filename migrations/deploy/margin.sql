-- Deploy oxe:margin to pg
-- requires: search
-- While short, a margin is held, a limit of the trader; and what of an order was admitted as reducing is known, since it reserves
-- nothing: should it reduce no longer, because another order was faster, it is in the margin as well.
BEGIN;

ALTER TABLE oxe.traders ADD COLUMN short_margin_pct numeric(20, 8) NOT NULL DEFAULT 150
    CONSTRAINT traders_short_margin_pct_check CHECK (short_margin_pct BETWEEN 100 AND 1000);
ALTER TABLE oxe.positions
    ADD COLUMN reducing_buy numeric(20, 8) NOT NULL DEFAULT 0, -- the part of open_buy that was admitted as reducing
    ADD COLUMN reducing_sell numeric(20, 8) NOT NULL DEFAULT 0; -- likewise of open_sell

UPDATE oxe.positions p
   SET reducing_sell = o.reducing
  FROM (SELECT trader_id, symbol, sum(greatest(quantity - reserve_quantity - filled_quantity, 0)) AS reducing
          FROM oxe.orders WHERE execution_state <> 'DONE' AND side = 'SELL' AND parent_order_id IS NULL
         GROUP BY trader_id, symbol) AS o
 WHERE p.trader_id = o.trader_id AND p.symbol = o.symbol;

-- What a position keeps of the buying power; NULL without a price. Of what is short, or was promised to BUYs that cover: its value
-- times short_margin_pct, from which such a BUY pays. Of SELLs that would open a short unpaid: what the margin takes beyond their
-- proceeds.
CREATE FUNCTION oxe.margin(quantity numeric, reducing_buy numeric, reducing_sell numeric, price numeric, short_margin_pct numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN round(ceil(1000000 * price * (
               greatest(-quantity, reducing_buy, 0) * short_margin_pct
               + greatest(reducing_sell - greatest(quantity, 0), 0) * (short_margin_pct - 100))) / 100000000, 8);

-- What the market makes of accounts: the day's loss (day_start_equity - equity), their margin, and a symbol that needs margin and has
-- no price, else ''. Held within what the reader can hold: further out no limit can tell the difference.
CREATE FUNCTION oxe.account_risk(ids uuid[]) RETURNS TABLE (trader_id uuid, loss numeric, margin numeric, unpriced text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT t.id,
       greatest(-90000000000, least(90000000000, round(
           t.day_start_equity - t.cash - coalesce(sum(p.quantity * l.price), 0), 8))),
       least(90000000000, coalesce(sum(oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, l.price, t.short_margin_pct)), 0)),
       coalesce(min(p.symbol::text) FILTER (
           WHERE l.price IS NULL AND oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, 1, t.short_margin_pct) > 0), '')
  FROM oxe.traders t
  LEFT JOIN oxe.positions p ON p.trader_id = t.id AND (p.quantity <> 0 OR p.reducing_buy <> 0 OR p.reducing_sell <> 0)
  LEFT JOIN oxe.last_prices l ON l.symbol = p.symbol
 WHERE t.id = ANY (ids)
 GROUP BY t.id
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

GRANT UPDATE (short_margin_pct), INSERT (short_margin_pct) ON oxe.traders TO oxe_operations;
GRANT INSERT (reducing_buy, reducing_sell), UPDATE (reducing_buy, reducing_sell) ON oxe.positions TO oxe_risk, oxe_executor;

COMMIT;
