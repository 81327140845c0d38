-- Deploy oxe:late_locks to pg
-- requires: daily_notional
-- Admission and execution lock no trader while they decide, and wait for each other only in what they write last: traders, then positions,
-- each in the order of their keys. So what people and the day's roll change of a trader keeps apart from them in another way.
BEGIN;

-- Rolls the given traders into trading day `day`, in a transaction of its own: day_start_equity becomes cash and positions at the day's
-- opening prices, daily_notional nothing. The first one of a day stores these prices. Does nothing for those already there, or further: whoever
-- waited for a lock across the day's end must not roll back. The order of symbols keeps two firsts from deadlock. The rows are locked first:
-- whoever changes a position changes its trader's row before.
CREATE OR REPLACE FUNCTION oxe.roll_day(ids uuid[], day date) RETURNS void
    LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
BEGIN
    PERFORM FROM traders WHERE id = ANY (ids) AND (trading_day IS NULL OR trading_day < day) ORDER BY id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
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

-- What people change of an account or a position is changed before an admission has read it, or after it has committed; and an order goes out
-- before its account's status changes, or under the new one. Before the row: who admits holds this lock when it locks the row. Money and
-- quantities that people bring in are in the columns opening_…, which no service writes.
DROP TRIGGER status_under_halt_lock ON oxe.traders;
CREATE TRIGGER under_halt_lock
    BEFORE UPDATE OF status, currency, opening_cash, daily_loss, max_position_quantity, max_order_quantity, max_order_notional,
                     max_daily_notional, max_open_orders, price_collar_pct, orders_per_minute, short_selling, short_margin_pct ON oxe.traders
    FOR EACH STATEMENT EXECUTE FUNCTION oxe.lock_halts();
CREATE TRIGGER under_halt_lock BEFORE UPDATE OF opening_quantity ON oxe.positions FOR EACH STATEMENT EXECUTE FUNCTION oxe.lock_halts();

-- As before, but a position that is long and not being reduced, which needs no margin, is not counted: that costs more than to read it.
-- What the market makes of accounts: the day's loss (day_start_equity - equity), their margin, and a symbol that needs margin and has
-- no price, else ''. Held within what the reader can hold: further out no limit can tell the difference.
CREATE OR REPLACE FUNCTION oxe.account_risk(ids uuid[]) RETURNS TABLE (trader_id uuid, loss numeric, margin numeric, unpriced text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT t.id,
       greatest(-90000000000, least(90000000000, round(
           t.day_start_equity - t.cash - coalesce(sum(p.quantity * l.price), 0), 8))),
       least(90000000000, coalesce(sum(oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, l.price, t.short_margin_pct))
                                       FILTER (WHERE p.quantity < 0 OR p.reducing_buy <> 0 OR p.reducing_sell <> 0), 0)),
       coalesce(min(p.symbol::text) FILTER (
           WHERE l.price IS NULL AND oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, 1, t.short_margin_pct) > 0), '')
  FROM oxe.traders t
  LEFT JOIN oxe.positions p ON p.trader_id = t.id AND (p.quantity <> 0 OR p.reducing_buy <> 0 OR p.reducing_sell <> 0)
  LEFT JOIN oxe.last_prices l ON l.symbol = p.symbol
 WHERE t.id = ANY (ids)
 GROUP BY t.id
$$;

-- For who writes only where a row is as it was read: fails the transaction unless all were.
CREATE FUNCTION oxe.expect_written(written bigint, wanted integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = oxe, pg_temp AS $$
BEGIN
    IF written <> wanted THEN
        RAISE EXCEPTION '% of % rows are not as they were read', wanted - written, wanted USING ERRCODE = 'serialization_failure';
    END IF;
END
$$;

COMMIT;
