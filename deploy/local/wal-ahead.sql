-- SPDX-License-Identifier: Apache-2.0
-- As many segments of WAL made beforehand as min_wal_size keeps. A database in use recycles its old ones; a new one makes each when
-- it is needed, and everybody waits for that (30 to 50 ms, every 3,000 orders). For a superuser, once, before the first order; with
-- an archive each segment is archived, too.
DO $$
BEGIN
    FOR i IN 1 .. pg_size_bytes(current_setting('min_wal_size')) / pg_size_bytes(current_setting('wal_segment_size')) LOOP
        PERFORM pg_logical_emit_message(false, 'oxe', ''), pg_switch_wal();
    END LOOP;
END
$$;
CHECKPOINT;
