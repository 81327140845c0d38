-- The tables of the naive ceiling: what an order touches, without what OXE adds. Same columns where speed depends on them.
SET search_path = naive;
CREATE TABLE traders (id int PRIMARY KEY, cash numeric(20, 8) NOT NULL, reserved numeric(20, 8) NOT NULL);
INSERT INTO traders SELECT i, 1000000000, 0 FROM generate_series(1, 200) AS i;
CREATE TABLE positions (trader_id int, symbol text, quantity numeric(20, 8) NOT NULL, PRIMARY KEY (trader_id, symbol));
INSERT INTO positions SELECT i, 'AAPL', 0 FROM generate_series(1, 200) AS i;
CREATE TABLE orders (
    id bigint PRIMARY KEY, trader_id int NOT NULL REFERENCES traders, symbol text NOT NULL, quantity numeric(20, 8) NOT NULL,
    price numeric(20, 8), status text NOT NULL, filled_quantity numeric(20, 8) NOT NULL DEFAULT 0, idempotent_key bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), UNIQUE (trader_id, idempotent_key)
) WITH (fillfactor = 60);
CREATE TABLE fills (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, quantity numeric(20, 8), price numeric(20, 8));
CREATE TABLE logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL, trader_id int NOT NULL, action text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON logs (order_id);
