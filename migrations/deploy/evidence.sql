-- Deploy oxe:evidence to pg
-- requires: operations
-- What is proved about an order at the exchange is kept: once it has shown that it has the order, its 'unknown' means nothing any more. And an
-- order that is DONE here may live there: it stays in open_orders, for its lane's owner to cancel it, until the exchange says that it is gone.
BEGIN;

ALTER TABLE oxe.orders
    ADD COLUMN venue_known boolean NOT NULL DEFAULT false, -- a report has proved that the exchange has, or had, the order
    ADD COLUMN recalls     smallint, -- of a DONE order that the exchange may still hold: how often it was asked to cancel it since; NULL: none such
    ADD CONSTRAINT orders_recalls_check CHECK (recalls IS NULL OR (recalls >= 0 AND execution_state = 'DONE'));

-- What earlier versions knew by an order's state. An order that is DONE needs no mark.
UPDATE oxe.orders o
   SET venue_known = true
  FROM oxe.open_orders oo
 WHERE oo.order_id = o.id AND o.attempts > 0
   AND (o.execution_state = 'WORKING' OR o.filled_quantity > 0 OR o.venue_order_id IS NOT NULL
        OR (o.execution_state = 'IN_DOUBT' AND o.reason IS DISTINCT FROM 'EXCHANGE_UNAVAILABLE'));

GRANT UPDATE (venue_known, recalls) ON oxe.orders TO oxe_executor;

COMMIT;
