-- Revert oxe:late_locks from pg
BEGIN;

DROP FUNCTION oxe.expect_written(bigint, integer);

CREATE OR REPLACE FUNCTION oxe.account_risk(ids uuid[]) RETURNS TABLE (trader_id uuid, loss numeric, margin numeric, unpriced text)
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

DROP TRIGGER under_halt_lock ON oxe.positions;
DROP TRIGGER under_halt_lock ON oxe.traders;
CREATE TRIGGER status_under_halt_lock
    AFTER UPDATE OF status ON oxe.traders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION oxe.lock_halts();

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

COMMIT;
