-- Deploy oxe:legs to pg
-- requires: claims
-- The legs that protect a position: which they are is asked with every fill of their trader and symbol. A list of work like open_orders, kept by
-- the transactions that make and end legs, so that orders need no index for it.
BEGIN;

CREATE TABLE oxe.open_legs (
    trader_id uuid     NOT NULL,
    symbol    text     NOT NULL,
    side      oxe.side NOT NULL,
    order_id  uuid     NOT NULL,
    PRIMARY KEY (trader_id, symbol, side, order_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE oxe.open_legs IS 'The legs that are not DONE and whose pair has something left: what protects a position.';

GRANT SELECT, INSERT, DELETE ON oxe.open_legs TO oxe_executor;

INSERT INTO oxe.open_legs (trader_id, symbol, side, order_id)
SELECT l.trader_id, l.symbol, l.side, l.id
  FROM oxe.orders l LEFT JOIN oxe.orders s ON s.id = l.sibling_order_id
 WHERE l.parent_order_id IS NOT NULL AND l.execution_state <> 'DONE'
   AND l.protects_quantity > l.filled_quantity + coalesce(s.filled_quantity, 0);

COMMIT;
