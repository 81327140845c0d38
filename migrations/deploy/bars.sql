-- Deploy oxe:bars to pg
-- requires: views
-- What prices did, for charts. The owner of lane 0 keeps bars of each symbol, the younger the finer.
BEGIN;

CREATE TABLE oxe.bars (
    symbol    oxe.symbol NOT NULL REFERENCES oxe.instruments,
    span      text NOT NULL CHECK (span IN ('1m', '5m', '1h', '1d')),
    starts_at timestamptz NOT NULL,
    open      numeric(20, 8) NOT NULL CHECK (open > 0),
    high      numeric(20, 8) NOT NULL CHECK (high > 0),
    low       numeric(20, 8) NOT NULL CHECK (low > 0),
    close     numeric(20, 8) NOT NULL CHECK (close > 0),
    volume    numeric NOT NULL DEFAULT 0 CHECK (volume >= 0), -- of the suite's own executions
    PRIMARY KEY (symbol, span, starts_at)
) WITH (fillfactor = 70);

-- The fills whose ids are older are in the volumes of bars. One row.
CREATE TABLE oxe.bars_counted (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    upto timestamptz NOT NULL
) WITH (fillfactor = 20);
INSERT INTO oxe.bars_counted (upto) VALUES (now());

-- The bars that a moment is in; a day is a trading day.
CREATE FUNCTION oxe.bars_at(at timestamptz, tz text, day_start time) RETURNS TABLE (span text, starts_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.span, s.starts_at
    FROM (VALUES ('1m', date_bin('1 minute', at, 'epoch')), ('5m', date_bin('5 minutes', at, 'epoch')), ('1h', date_bin('1 hour', at, 'epoch')),
                 ('1d', (oxe.trading_day(at, tz, day_start) + day_start) AT TIME ZONE tz)) AS s (span, starts_at);
END;

-- The least UUIDv7 of a moment.
CREATE FUNCTION oxe.first_id_at(at timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

GRANT SELECT, INSERT, UPDATE (high, low, close, volume), DELETE ON oxe.bars TO oxe_executor;
GRANT SELECT, UPDATE (upto) ON oxe.bars_counted TO oxe_executor;
GRANT SELECT ON oxe.bars TO oxe_trader;

COMMIT;
