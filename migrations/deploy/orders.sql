-- Deploy oxe:orders to pg
-- requires: traders
-- Orders, the list of open ones by lane, and fills. No constraint here can refuse a fill: limits bind at admission only.
BEGIN;

CREATE TABLE oxe.orders (
    id                  uuid PRIMARY KEY,
    trader_id           uuid NOT NULL REFERENCES oxe.traders,
    symbol              text NOT NULL, -- of a REJECTED order perhaps unknown, so no foreign key
    side                oxe.side NOT NULL,
    quantity            numeric(20, 8) NOT NULL CHECK (quantity > 0),
    order_type          oxe.order_type NOT NULL,
    time_in_force       oxe.time_in_force NOT NULL,
    price               numeric(20, 8) CHECK (price > 0),
    stop_loss           numeric(20, 8) CHECK (stop_loss > 0),
    take_profit         numeric(20, 8) CHECK (take_profit > 0),
    status              oxe.order_status NOT NULL,
    execution_state     oxe.execution_state NOT NULL,
    lane                smallint NOT NULL CHECK (lane >= 0),
    attempts            integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_check_at       timestamptz,
    filled_quantity     numeric(20, 8) NOT NULL DEFAULT 0 CHECK (filled_quantity >= 0),
    filled_notional     numeric(20, 8) NOT NULL DEFAULT 0 CHECK (filled_notional >= 0),
    average_price       numeric(20, 8),
    reserve_price       numeric(20, 8) NOT NULL DEFAULT 0 CHECK (reserve_price >= 0), -- 0: reserves nothing
    reserve_quantity    numeric(20, 8) NOT NULL DEFAULT 0 CHECK (reserve_quantity >= 0), -- the part of quantity that reserves at admission
    reserved            numeric(20, 8) NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    reason              text CHECK (length(reason) <= 64),
    idempotent_key      text NOT NULL CHECK (length(idempotent_key) BETWEEN 1 AND 128 AND idempotent_key !~ '[^\x21-\x7e]'),
    fingerprint         bytea NOT NULL CHECK (length(fingerprint) = 32),
    rejection           bytea, -- of a REJECTED order: its answer (proto message ANSWER), so that a replay repeats it
    parent_order_id     uuid REFERENCES oxe.orders,
    actor               text NOT NULL,
    trace_id            bytea CHECK (length(trace_id) = 16),
    cancel_requested_at timestamptz,
    expires_at          timestamptz,
    venue_order_id      text,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    UNIQUE (trader_id, idempotent_key),
    UNIQUE (trader_id, id),
    CHECK (order_type = 'MARKET' OR price IS NOT NULL OR status = 'REJECTED'),
    CHECK (execution_state = 'DONE' OR status IN ('PENDING', 'PARTIAL')),
    CHECK (execution_state <> 'DONE' OR status IN ('FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED')),
    CHECK (execution_state <> 'DONE' OR reserved = 0)
) WITH (fillfactor = 60);

-- What is not DONE, by lane, so that no index covers a changing column of orders (updates stay HOT).
CREATE TABLE oxe.open_orders (
    lane     smallint NOT NULL,
    order_id uuid NOT NULL, -- of orders, written by the statement that writes the order: docs/decisions/0006 tells why there is no key
    PRIMARY KEY (lane, order_id)
);

CREATE TABLE oxe.fills (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL REFERENCES oxe.orders,
    trader_id       uuid NOT NULL,
    symbol          text NOT NULL,
    side            oxe.side NOT NULL,
    quantity_filled numeric(20, 8) NOT NULL,
    price_at_fill   numeric(20, 8) NOT NULL,
    venue           text NOT NULL,
    venue_exec_id   text NOT NULL,
    flag            text, -- LATE, OVERFILL; NULL for an ordinary one
    "timestamp"     timestamptz NOT NULL, -- the exchange's TransactTime
    recorded_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (order_id, venue, venue_exec_id)
);

-- The steps that an order may take; proto/order_state.def is the same table in C, and a test compares them.
CREATE TABLE oxe.order_transitions (
    from_state  oxe.execution_state NOT NULL,
    from_status oxe.order_status NOT NULL,
    to_state    oxe.execution_state NOT NULL,
    to_status   oxe.order_status NOT NULL,
    PRIMARY KEY (from_state, from_status, to_state, to_status)
);

-- Staying in a pair is always allowed: the trigger below sees changes only.
INSERT INTO oxe.order_transitions (from_state, from_status, to_state, to_status) VALUES
    ('ADMITTED', 'PENDING', 'SENT', 'PENDING'),
    ('ADMITTED', 'PENDING', 'DONE', 'CANCELLED'),
    ('ADMITTED', 'PENDING', 'DONE', 'EXPIRED'),

    ('SENT', 'PENDING', 'WORKING', 'PENDING'),
    ('SENT', 'PENDING', 'WORKING', 'PARTIAL'),
    ('SENT', 'PENDING', 'IN_DOUBT', 'PENDING'),
    ('SENT', 'PENDING', 'IN_DOUBT', 'PARTIAL'),
    ('SENT', 'PENDING', 'DONE', 'FILLED'),
    ('SENT', 'PENDING', 'DONE', 'REJECTED'),
    ('SENT', 'PENDING', 'DONE', 'CANCELLED'),
    ('SENT', 'PENDING', 'DONE', 'EXPIRED'),

    ('WORKING', 'PENDING', 'WORKING', 'PARTIAL'),
    ('WORKING', 'PENDING', 'IN_DOUBT', 'PENDING'),
    ('WORKING', 'PENDING', 'IN_DOUBT', 'PARTIAL'),
    ('WORKING', 'PENDING', 'DONE', 'FILLED'),
    ('WORKING', 'PENDING', 'DONE', 'REJECTED'),
    ('WORKING', 'PENDING', 'DONE', 'CANCELLED'),
    ('WORKING', 'PENDING', 'DONE', 'EXPIRED'),

    ('WORKING', 'PARTIAL', 'IN_DOUBT', 'PARTIAL'),
    ('WORKING', 'PARTIAL', 'DONE', 'FILLED'),
    ('WORKING', 'PARTIAL', 'DONE', 'CANCELLED'),
    ('WORKING', 'PARTIAL', 'DONE', 'EXPIRED'),

    ('IN_DOUBT', 'PENDING', 'SENT', 'PENDING'),
    ('IN_DOUBT', 'PENDING', 'WORKING', 'PENDING'),
    ('IN_DOUBT', 'PENDING', 'WORKING', 'PARTIAL'),
    ('IN_DOUBT', 'PENDING', 'IN_DOUBT', 'PARTIAL'),
    ('IN_DOUBT', 'PENDING', 'DONE', 'FILLED'),
    ('IN_DOUBT', 'PENDING', 'DONE', 'REJECTED'),
    ('IN_DOUBT', 'PENDING', 'DONE', 'CANCELLED'),
    ('IN_DOUBT', 'PENDING', 'DONE', 'EXPIRED'),

    ('IN_DOUBT', 'PARTIAL', 'WORKING', 'PARTIAL'),
    ('IN_DOUBT', 'PARTIAL', 'DONE', 'FILLED'),
    ('IN_DOUBT', 'PARTIAL', 'DONE', 'CANCELLED'),
    ('IN_DOUBT', 'PARTIAL', 'DONE', 'EXPIRED'),

    ('DONE', 'REJECTED', 'DONE', 'FILLED'),
    ('DONE', 'CANCELLED', 'DONE', 'FILLED'),
    ('DONE', 'EXPIRED', 'DONE', 'FILLED');

-- Runs as the one who updates (who may read the table): SECURITY DEFINER and SET would double its cost.
CREATE FUNCTION oxe.check_order_transition() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM oxe.order_transitions
                   WHERE from_state = OLD.execution_state AND from_status = OLD.status
                     AND to_state = NEW.execution_state AND to_status = NEW.status) THEN
        RAISE EXCEPTION 'order % cannot go from % % to % %', OLD.id, OLD.execution_state, OLD.status,
                        NEW.execution_state, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

-- The steps of nearly every order are told apart by the condition, which costs a fraction of the function; a test tries all pairs.
CREATE TRIGGER order_transition BEFORE UPDATE OF status, execution_state ON oxe.orders
    FOR EACH ROW
    WHEN ((OLD.execution_state <> NEW.execution_state OR OLD.status <> NEW.status)
          AND NOT (OLD.status = 'PENDING' AND OLD.execution_state = 'ADMITTED'
                   AND NEW.status = 'PENDING' AND NEW.execution_state = 'SENT')
          AND NOT (OLD.status = 'PENDING' AND OLD.execution_state IN ('SENT', 'WORKING')
                   AND NEW.status = 'FILLED' AND NEW.execution_state = 'DONE'))
    EXECUTE FUNCTION oxe.check_order_transition();

COMMIT;
