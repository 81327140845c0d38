-- Loads instruments from the file that the simulated exchange trades by (on standard input). Prices come from the exchange.
BEGIN;
CREATE TEMPORARY TABLE incoming (symbol text, name text, tick_size numeric, lot_size numeric, tradable boolean, price numeric)
    ON COMMIT DROP;
\copy incoming FROM pstdin WITH (FORMAT csv, HEADER true)
INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size, tradable)
SELECT symbol, name, tick_size, lot_size, tradable FROM incoming
ON CONFLICT (symbol) DO UPDATE SET name = excluded.name, tick_size = excluded.tick_size, lot_size = excluded.lot_size,
                                   tradable = excluded.tradable, updated_at = now();
COMMIT;
