-- Deploy oxe:brackets to pg
-- requires: commands
-- A stop loss and a take profit become orders of their own, a pair of legs, with the entry's first fill. Entry and legs name each
-- other by id, so that a fact about one finds the others by primary key and orders needs no further index.
BEGIN;

ALTER TABLE oxe.orders
    ADD COLUMN sibling_order_id     uuid REFERENCES oxe.orders, -- of a leg: the other one of its pair
    ADD COLUMN protects_quantity    numeric(20, 8) NOT NULL DEFAULT 0 CHECK (protects_quantity >= 0), -- of a leg: the entry's fills that its pair covers
    ADD COLUMN stop_loss_order_id   uuid REFERENCES oxe.orders, -- of an entry: its latest legs
    ADD COLUMN take_profit_order_id uuid REFERENCES oxe.orders;

GRANT UPDATE (sibling_order_id, protects_quantity, stop_loss_order_id, take_profit_order_id) ON oxe.orders TO oxe_executor;

COMMIT;
