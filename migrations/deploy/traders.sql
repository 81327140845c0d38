-- Deploy oxe:traders to pg
-- requires: reference
-- Traders, their money and limits, and their positions. Whoever changes a trader's money holds its row first
-- (SELECT … ORDER BY id FOR NO KEY UPDATE; order of locks: traders, positions, orders, lanes).
BEGIN;

CREATE TABLE oxe.traders (
    id                     uuid PRIMARY KEY,
    subject                text NOT NULL UNIQUE CHECK (length(subject) BETWEEN 1 AND 128),
    status                 oxe.account_status NOT NULL DEFAULT 'ACTIVE',
    currency               text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    cash                   numeric(20, 8) NOT NULL DEFAULT 0,
    opening_cash           numeric(20, 8) NOT NULL DEFAULT 0, -- cash = opening_cash + what all fills paid and received
    reserved               numeric(20, 8) NOT NULL DEFAULT 0,
    open_orders            integer NOT NULL DEFAULT 0,
    daily_loss             numeric(20, 8) NOT NULL DEFAULT 100000 CHECK (daily_loss > 0),
    max_position_quantity  numeric(20, 8) NOT NULL DEFAULT 100000 CHECK (max_position_quantity > 0),
    max_order_quantity     numeric(20, 8) NOT NULL DEFAULT 10000 CHECK (max_order_quantity > 0),
    max_order_notional     numeric(20, 8) NOT NULL DEFAULT 1000000 CHECK (max_order_notional > 0),
    max_open_orders        integer NOT NULL DEFAULT 1000 CHECK (max_open_orders > 0),
    price_collar_pct       numeric(20, 8) NOT NULL DEFAULT 10 CHECK (price_collar_pct > 0),
    orders_per_minute      integer NOT NULL DEFAULT 100 CHECK (orders_per_minute >= 0), -- 0: no limit
    short_selling          boolean NOT NULL DEFAULT false,
    trading_day            date,           -- of day_start_equity; NULL before the first order
    day_start_equity       numeric(20, 8) NOT NULL DEFAULT 0,
    created_at             timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

COMMENT ON COLUMN oxe.traders.reserved IS 'sum of orders.reserved of the trader''s open orders';
COMMENT ON COLUMN oxe.traders.open_orders IS 'number of the trader''s orders that are not DONE';

CREATE TABLE oxe.positions (
    trader_id       uuid NOT NULL REFERENCES oxe.traders,
    symbol          oxe.symbol NOT NULL REFERENCES oxe.instruments,
    quantity        numeric(20, 8) NOT NULL DEFAULT 0, -- negative when short
    opening_quantity numeric(20, 8) NOT NULL DEFAULT 0, -- quantity = opening_quantity + what all fills bought and sold
    cost            numeric(20, 8) NOT NULL DEFAULT 0, -- what the open quantity cost; the sign of quantity
    open_buy        numeric(20, 8) NOT NULL DEFAULT 0, -- unfilled quantity of open BUY orders
    open_sell       numeric(20, 8) NOT NULL DEFAULT 0, -- unfilled quantity of open SELL orders
    realized_pnl    numeric(20, 8) NOT NULL DEFAULT 0, -- of realized_day
    realized_day    date,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trader_id, symbol)
) WITH (fillfactor = 50);

-- Rolls the given traders, whose rows the caller has locked, into trading day `day`: day_start_equity becomes cash and positions at
-- the day's opening prices. The first one of a day stores these prices. Does nothing for those already there,
-- or further: whoever waited for a lock across the day's end must not roll back. The order of symbols keeps two firsts from deadlock.
CREATE FUNCTION oxe.roll_day(ids uuid[], day date) RETURNS void
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

COMMIT;
