BEGIN;
\ir support.psql
SELECT no_plan();

-- Five traders' entries, with halts that have no trader_seq, three recorded at a time; the log as audit-writer writes it.
SELECT pg_temp.new_trader(number) FROM generate_series(1, 5) AS number \g /dev/null
SET LOCAL ROLE oxe_audit;
INSERT INTO oxe.execution_logs (log_seq, event_id, trader_id, trader_seq, action, actor, "timestamp", recorded_at, leaf_hash)
SELECT n, gen_random_uuid(), pg_temp.trader(n % 5 + 1),
       CASE WHEN n % 7 > 0 THEN row_number() OVER (PARTITION BY n % 5, n % 7 = 0 ORDER BY n) END,
       CASE WHEN n % 7 > 0 THEN 'SUBMITTED' ELSE 'HALTED' END::oxe.audit_action, 'test', now(),
       date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + n / 3 * interval '1 minute', sha256('x')
  FROM generate_series(1, 200) AS n;
RESET ROLE;

SET LOCAL ROLE oxe_compliance;
SELECT is(oxe.log_seq_before(at), coalesce((SELECT max(log_seq) FROM oxe.execution_logs WHERE recorded_at < at), 0),
          'the last entry before ' || at)
  FROM (SELECT DISTINCT recorded_at + shift AS at
          FROM oxe.execution_logs, unnest(ARRAY['0', '1 us', '-1 us']::interval[]) AS shift WHERE log_seq % 40 < 3) AS times;
SELECT is(oxe.log_seq_before(at), found, 'outside of the log: ' || at)
  FROM (VALUES ('-infinity'::timestamptz, 0::bigint), ('infinity', 200), ('1970-01-01', 0), ('2999-01-01', 200)) AS outside (at, found);
SELECT is(oxe.log_seq_before(NULL), NULL, 'no time, no entry');

SELECT is(count(*), 0::bigint, 'a trader''s last number at each entry')
  FROM generate_series(1, 6) AS number, generate_series(0, 201) AS seq
 WHERE oxe.trader_seq_at(pg_temp.trader(number), seq) IS DISTINCT FROM
       (SELECT coalesce(max(trader_seq), 0) FROM oxe.execution_logs WHERE trader_id = pg_temp.trader(number) AND log_seq <= seq);
SELECT is(oxe.trader_seq_at(NULL, 5), NULL, 'no trader, no number');
RESET ROLE;

-- As if the oldest partition had been taken away: what is not there was before.
SET session_replication_role = replica;
DELETE FROM oxe.execution_logs WHERE log_seq <= 50;
SET session_replication_role = origin;
SET LOCAL ROLE oxe_compliance;
SELECT is(oxe.log_seq_before(recorded_at), (SELECT coalesce(max(log_seq), 50) FROM oxe.execution_logs WHERE recorded_at < e.recorded_at),
          'in what is left, before ' || recorded_at)
  FROM (SELECT DISTINCT recorded_at FROM oxe.execution_logs WHERE log_seq % 30 < 3) AS e;
RESET ROLE;

SELECT is(pg_temp.attempt(role, statement), '42501', format('%s cannot: %s', role, statement))
  FROM unnest(ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit', 'oxe_trader', 'oxe_operations']) AS role,
       unnest(ARRAY['SELECT oxe.log_seq_before(now())', 'SELECT oxe.trader_seq_at(gen_random_uuid(), 1)']) AS statement;

SELECT * FROM finish();
ROLLBACK;
