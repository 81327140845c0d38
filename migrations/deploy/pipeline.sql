-- Deploy oxe:pipeline to pg
-- requires: orders
-- What the processes need besides orders: the outbox, lanes, heartbeats, halts, and what was put aside.
BEGIN;

-- An id is drawn after the row locks of its transaction (CACHE 1), so ids follow causality for a trader and an order.
CREATE SEQUENCE oxe.outbox_id CACHE 1;
CREATE TABLE oxe.outbox (
    id         bigint PRIMARY KEY DEFAULT nextval('oxe.outbox_id'),
    batch      bytea COMPRESSION lz4 NOT NULL, -- proto message EVENT_BATCH; pglz would cost five times as much
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
ALTER SEQUENCE oxe.outbox_id OWNED BY oxe.outbox.id;

CREATE TABLE oxe.lanes (
    lane       smallint PRIMARY KEY CHECK (lane >= 0),
    epoch      bigint NOT NULL DEFAULT 0, -- raised by each taking of the lane
    in_seq     bigint NOT NULL DEFAULT 0, -- the exchange's messages up to it have taken effect
    out_seq    bigint NOT NULL DEFAULT 0, -- our numbers up to it are reserved
    owner      text,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);

CREATE TABLE oxe.heartbeats (
    process     text PRIMARY KEY, -- service and instance
    service     text NOT NULL,
    backend_pid integer NOT NULL, -- of the connection that holds its locks
    beat_at     timestamptz NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE oxe.halts (
    id         uuid PRIMARY KEY,
    scope      oxe.halt_scope NOT NULL,
    trader_id  uuid REFERENCES oxe.traders,
    symbol     text,
    reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((scope = 'TRADER') = (trader_id IS NOT NULL)),
    CHECK ((scope = 'SYMBOL') = (symbol IS NOT NULL))
);

-- What no rule covers: kept for people to look at, never in the way.
CREATE TABLE oxe.put_aside (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service    text NOT NULL,
    kind       text NOT NULL, -- UNKNOWN_ORDER, DUPLICATE_DIFFERS, UNEXPECTED_REPORT, BAD_EVENT_BATCH …
    order_id   uuid,
    detail     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMIT;
