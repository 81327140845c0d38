-- Deploy oxe:aside to pg
-- requires: acknowledged
-- What no rule covers is kept whole: the figures of an execution, and the message as it came.
BEGIN;

ALTER TABLE oxe.put_aside
    ADD COLUMN venue_exec_id text,
    ADD COLUMN quantity      numeric(20, 8), -- of the execution
    ADD COLUMN price         numeric(20, 8),
    ADD COLUMN cl_ord_id     text, -- as it stood in the message, whatever it was
    ADD COLUMN exec_type     text, -- ExecType(150)
    ADD COLUMN message       bytea; -- the whole message; NULL where there was none, and for the rows of earlier versions

GRANT INSERT (venue_exec_id, quantity, price, cl_ord_id, exec_type, message) ON oxe.put_aside TO oxe_executor;

COMMIT;
