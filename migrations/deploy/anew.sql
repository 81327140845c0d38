-- Deploy oxe:anew to pg
-- requires: watch
-- What an order reserves may change until it is sent: executor decides one anew that was admitted too long ago.
BEGIN;

GRANT UPDATE (reserve_price, reserve_quantity) ON oxe.orders TO oxe_executor;

COMMIT;
