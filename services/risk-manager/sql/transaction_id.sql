-- By both transaction_outcome.sql can be asked when the answer to COMMIT got lost. The number alone is not enough: a server that was
-- promoted, or has recovered from a crash, gives those numbers again whose transactions it has not seen. So the second is what changes
-- then: the timeline, and the last checkpoint (which also comes by itself now and then). NULL: no row was locked, nothing will be written.
SELECT pg_current_xact_id_if_assigned()::text::bigint,
       (SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || ' ' || checkpoint_lsn FROM pg_control_checkpoint())
