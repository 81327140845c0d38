-- Deploy oxe:reference to pg
-- requires: types
-- What can be traded and what it last cost.
BEGIN;

CREATE TABLE oxe.instruments (
    symbol      oxe.symbol PRIMARY KEY,
    name        text NOT NULL,
    currency    text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    tick_size   numeric(20, 8) NOT NULL CHECK (tick_size > 0),
    lot_size    numeric(20, 8) NOT NULL CHECK (lot_size > 0),
    tradable    boolean NOT NULL DEFAULT true,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE oxe.last_prices (
    symbol      oxe.symbol PRIMARY KEY REFERENCES oxe.instruments,
    price       numeric(20, 8) NOT NULL CHECK (price > 0),
    updated_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- The price of each symbol when a trading day began: what day_start_equity is computed from, whoever rolls the day.
CREATE TABLE oxe.day_prices (
    trading_day date NOT NULL,
    symbol      oxe.symbol NOT NULL REFERENCES oxe.instruments,
    price       numeric(20, 8) NOT NULL CHECK (price > 0),
    PRIMARY KEY (trading_day, symbol)
);

COMMIT;
