-- By this number transaction_outcome.sql can be asked when the answer to COMMIT got lost. NULL: no row was locked, nothing will be written.
SELECT pg_current_xact_id_if_assigned()::text::bigint
