-- Which month may leave the log, and what stays of it.
BEGIN;
\ir support.psql
SELECT no_plan();

-- A partition of two months ago and one of last month, made as make_partitions makes them; entries in both.
CREATE FUNCTION pg_temp.month(ago integer) RETURNS date LANGUAGE sql AS
    $$ SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => ago))::date $$;
CREATE FUNCTION pg_temp.add_month(ago integer) RETURNS void LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    part text := 'execution_logs_' || to_char(pg_temp.month(ago), 'YYYY_MM');
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', pg_temp.owner());
    EXECUTE format('CREATE TABLE oxe.%I (LIKE oxe.execution_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('ALTER TABLE oxe.%I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE oxe.%I FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE oxe.execution_logs ATTACH PARTITION oxe.%I FOR VALUES FROM (%L) TO (%L)', part, pg_temp.month(ago), pg_temp.month(ago - 1));
    RESET ROLE;
END
$$;
CREATE FUNCTION pg_temp.add_entry(seq bigint, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL ROLE oxe_audit;
    INSERT INTO oxe.execution_logs (log_seq, event_id, action, actor, "timestamp", recorded_at, leaf_hash)
    VALUES (seq, gen_random_uuid(), 'HALTED', 'a', at, at, sha256(int8send(seq)));
    RESET ROLE;
END
$$;
CREATE FUNCTION pg_temp.archive(ago integer, first bigint, last bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL ROLE oxe_operations;
    PERFORM oxe.archive_month(pg_temp.month(ago), first, last);
    RESET ROLE;
    RETURN 'ok';
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN regexp_replace(SQLERRM, '\d{4}-\d\d', 'MONTH', 'g');
END
$$;
SELECT pg_temp.add_month(2), pg_temp.add_month(1) \g /dev/null
SELECT pg_temp.add_entry(seq, pg_temp.month(2) + interval '3 days'), pg_temp.add_entry(seq + 3, pg_temp.month(1)::timestamptz + interval '1 day'), pg_temp.add_entry(seq + 6, now())
  FROM generate_series(1, 3) AS seq \g /dev/null

SELECT is(pg_temp.archive(0, 7, 9), 'MONTH is not over', 'the month that is being written stays');
SELECT is(pg_temp.archive(-1, 10, 9), 'MONTH is not over', 'so does one to come');
SELECT is(pg_temp.archive(1, 4, 6), 'the oldest month of the log is MONTH, not MONTH', 'the log has no gap');
SELECT is(pg_temp.archive(3, 1, 0), 'the oldest month of the log is MONTH, not MONTH', 'what is not there is not archived');
SELECT is(pg_temp.archive(2, 1, 3), 'no checkpoint covers entry 3', 'what is not signed stays');
SELECT is(pg_temp.attempt('oxe_audit', $$ INSERT INTO oxe.audit_published (tree_size, note) VALUES (2, 'x'), (5, 'x') $$), 'ok', 'it is signed');
SELECT is(pg_temp.archive(2, ends[1], ends[2]), format('the month has 3 entries, from 1 to 3, and the export those from %s to %s', ends[1], ends[2]), 'the export has all of it')
  FROM (VALUES (ARRAY[1, 2]), (ARRAY[2, 3]), (ARRAY[1, 4]), (ARRAY[4, 6]), (ARRAY[1, 0])) AS wrong (ends);
SELECT is((SELECT count(*) FROM oxe.execution_logs), 9::bigint, 'nothing has left the log');
SELECT is(pg_temp.archive(2, 1, 3), 'ok', 'the oldest month leaves it');
SELECT is(pg_temp.archive(2, 1, 3), 'MONTH is archived already', 'once');
SELECT is(pg_temp.archive(1, 4, 6), 'no checkpoint covers entry 6', 'the next is not signed to its end');
SELECT results_eq($$ SELECT log_seq FROM oxe.execution_logs ORDER BY 1 $$, 'SELECT generate_series(4, 9)::bigint', 'the others are there');
SELECT results_eq($$ SELECT log_seq, leaf_hash FROM oxe.audit_leaves ORDER BY 1 $$, 'SELECT seq, sha256(int8send(seq)) FROM generate_series(1::bigint, 9) AS seq', 'every hash is there, once');
SELECT is((SELECT (first_seq, last_seq, role)::text FROM oxe.audit_archives), format('(1,3,%s)', session_user), 'it is written down');

SELECT is((SELECT (operation).action || ' ' || (operation).message FROM oxe.outbox WHERE (operation).action IS NOT NULL),
          format('MONTH_ARCHIVED month: %s, entries: 1 to 3, role: %s', to_char(pg_temp.month(2), 'YYYY-MM'), session_user), 'and told to the log');

-- What is left of it is nobody's, and does not come back.
SELECT 'archived_execution_logs_' || to_char(pg_temp.month(2), 'YYYY_MM') AS left_over \gset
SELECT is((SELECT relowner::regrole::name FROM pg_class WHERE oid = ('oxe.' || :'left_over')::regclass), pg_temp.owner(), 'its table is the owner''s');
SELECT is(pg_temp.attempt(role, 'SELECT FROM oxe.' || :'left_over'), '42501', role || ' does not read it')
  FROM unnest(ARRAY['oxe_audit', 'oxe_compliance', 'oxe_operations', 'oxe_trader']) AS role;
SELECT is(pg_temp.attempt(pg_temp.owner(), format($$ ALTER TABLE oxe.execution_logs ATTACH PARTITION oxe.%I FOR VALUES FROM (%L) TO (%L) $$,
                                                  :'left_over', pg_temp.month(2), pg_temp.month(1))), '42804', 'it cannot be a part of the log again');
SELECT is(pg_temp.attempt('postgres', format('%s oxe.%I %s', statement[1], :'left_over', statement[2])), '42501', statement[1] || ' does not change it')
  FROM (VALUES (ARRAY['UPDATE', 'SET reason = ''x''']), (ARRAY['DELETE FROM', ''])) AS statements (statement);
SELECT is(pg_temp.attempt('postgres', statement), '42501', statement)
  FROM unnest(ARRAY['UPDATE oxe.audit_archives SET last_seq = 2', 'DELETE FROM oxe.audit_archives', 'TRUNCATE oxe.audit_archives',
                    'DELETE FROM oxe.audit_archived_leaves', 'TRUNCATE oxe.audit_archived_leaves']) AS statement;
SELECT is(pg_temp.attempt(pg_temp.owner(), 'DROP TABLE oxe.' || :'left_over'), 'ok', 'the owner drops it');

SELECT * FROM finish();
ROLLBACK;
