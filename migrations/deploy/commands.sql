-- Deploy oxe:commands to pg
-- requires: access
-- What traders and operations asked about orders and the lane's owner has not carried out yet. A message only wakes the owner;
-- here it finds what to do, also after a restart. A row goes in the transaction that carries it out.
BEGIN;

CREATE TYPE oxe.command_kind AS ENUM ('CANCEL', 'RESOLVE');
CREATE TYPE oxe.resolve_action AS ENUM ('RETRY', 'REJECT', 'CANCEL', 'FILL');

CREATE TABLE oxe.commands (
    id            uuid PRIMARY KEY,
    lane          smallint NOT NULL CHECK (lane >= 0),
    order_id      uuid NOT NULL REFERENCES oxe.orders,
    kind          oxe.command_kind NOT NULL,
    action        oxe.resolve_action,
    quantity      numeric(20, 8) CHECK (quantity > 0),
    price         numeric(20, 8) CHECK (price > 0),
    venue_exec_id text CHECK (length(venue_exec_id) BETWEEN 1 AND 64),
    reason        text CHECK (length(reason) BETWEEN 1 AND 500),
    actor         text NOT NULL,
    trace_id      bytea CHECK (length(trace_id) = 16),
    created_at    timestamptz NOT NULL,
    CHECK ((kind = 'RESOLVE') = (action IS NOT NULL)),
    CHECK ((kind = 'RESOLVE') = (reason IS NOT NULL)),
    CHECK ((action IS NOT DISTINCT FROM 'FILL') = (quantity IS NOT NULL AND price IS NOT NULL AND venue_exec_id IS NOT NULL)),
    CHECK (action IS NOT DISTINCT FROM 'FILL' OR num_nonnulls(quantity, price, venue_exec_id) = 0)
);
CREATE INDEX commands_of_lane ON oxe.commands (lane, order_id);

GRANT SELECT, INSERT ON oxe.commands TO oxe_risk;
GRANT SELECT, DELETE ON oxe.commands TO oxe_executor;
-- A cancel that the exchange refuses is over: it may be asked for again.
GRANT UPDATE (cancel_requested_at) ON oxe.orders TO oxe_executor;
GRANT SELECT ON oxe.commands TO oxe_operations;

COMMIT;
