-- Revert oxe:anew from pg
BEGIN;

REVOKE UPDATE (reserve_price, reserve_quantity) ON oxe.orders FROM oxe_executor;

COMMIT;
