-- Revert oxe:aside from pg
BEGIN;

ALTER TABLE oxe.put_aside
    DROP COLUMN venue_exec_id,
    DROP COLUMN quantity,
    DROP COLUMN price,
    DROP COLUMN cl_ord_id,
    DROP COLUMN exec_type,
    DROP COLUMN message;

COMMIT;
