BEGIN;
\ir support.psql
SELECT no_plan();

SELECT pg_temp.new_trader(1) \g /dev/null
SELECT pg_temp.new_order(1, pg_temp.trader(1)) AS first_order \gset
SELECT pg_temp.new_entry(1, :'first_order', pg_temp.trader(1), 1, 'SUBMITTED') \g /dev/null
SELECT 'oxe.execution_logs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS partition \gset

SELECT isnt(rolsuper, true, 'the owner of this schema is no superuser, so that what follows means something')
  FROM pg_roles WHERE rolname = pg_temp.owner();
SELECT is((SELECT count(*) FROM oxe.execution_logs), 1::bigint, 'the log has an entry');

-- Nobody changes it: services, the owner, a superuser; whole or by partition.
SELECT is(pg_temp.attempt(role, format(statement, relation)), '42501', format('%s cannot: %s', role, format(statement, relation)))
  FROM unnest(ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit', 'oxe_trader', 'oxe_compliance', 'oxe_operations',
                    pg_temp.owner()::text]) AS role,
       unnest(ARRAY['oxe.execution_logs', :'partition']) AS relation,
       unnest(ARRAY['TRUNCATE %s']) AS statement;
SELECT is(pg_temp.attempt(role, format(statement, relation)), '42501', format('%s cannot: %s', role, format(statement, relation)))
  FROM unnest(ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit', 'oxe_trader', 'oxe_compliance', 'oxe_operations', 'postgres']) AS role,
       unnest(ARRAY['oxe.execution_logs', :'partition']) AS relation,
       unnest(ARRAY['UPDATE %s SET reason = ''x''', 'DELETE FROM %s']) AS statement;
SELECT is(pg_temp.attempt('postgres', format('TRUNCATE %s', relation)), '42501', 'a superuser cannot TRUNCATE ' || relation)
  FROM unnest(ARRAY['oxe.execution_logs', :'partition']) AS relation;
-- Row-level security hides the rows from the owner; without it the trigger refuses.
SELECT is(pg_temp.attempt(pg_temp.owner(), format('%s', statement)), 'ok', 'the owner finds no row with: ' || statement)
  FROM unnest(ARRAY['UPDATE oxe.execution_logs SET reason = ''x''', 'DELETE FROM oxe.execution_logs']) AS statement;
SELECT is((SELECT count(*) FROM oxe.execution_logs WHERE reason IS NULL), 1::bigint, 'and the entry is as it was');
SELECT is(pg_temp.attempt(pg_temp.owner(), format($$ ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY; %2$s $$, relation, format(statement, relation))),
          '42501', format('the owner cannot, past row-level security too: %s', format(statement, relation)))
  FROM unnest(ARRAY['oxe.execution_logs', :'partition']) AS relation,
       unnest(ARRAY['UPDATE %s SET reason = ''x''', 'DELETE FROM %s']) AS statement;

-- Only audit-writer inserts.
CREATE FUNCTION pg_temp.insert_into(relation text) RETURNS text LANGUAGE sql AS $$
    SELECT format($insert$ INSERT INTO %s (log_seq, event_id, action, actor, "timestamp", recorded_at, leaf_hash)
                           VALUES (2, gen_random_uuid(), 'HALTED', 'a', now(), now(), sha256('x')) $insert$, relation) $$;
SELECT is(pg_temp.attempt(role, pg_temp.insert_into(relation)), '42501', format('%s cannot insert into %s', role, relation))
  FROM unnest(ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_trader', 'oxe_compliance', 'oxe_operations', 'postgres',
                    pg_temp.owner()::text]) AS role,
       unnest(ARRAY['oxe.execution_logs', :'partition']) AS relation;
SELECT is(pg_temp.attempt('oxe_audit', pg_temp.insert_into(:'partition')), '42501', 'audit-writer goes through the log, not a partition');
SELECT is(pg_temp.attempt('oxe_audit', pg_temp.insert_into('oxe.execution_logs')), 'ok', 'audit-writer inserts');
SELECT throws_ok($$ SELECT pg_temp.new_entry(0, NULL, NULL, NULL, 'HALTED') $$, '23514', NULL, 'log_seq begins at 1');
SELECT throws_ok($$ SELECT pg_temp.new_entry(3, NULL, NULL, 0, 'HALTED') $$, '23514', NULL, 'trader_seq begins at 1');

-- Partitions
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass), 4::bigint,
          'there is a partition for this month and each of the next three');
SELECT is(pg_temp.attempt(role, 'SELECT oxe.make_partitions(6)'), '42501', role || ' cannot make partitions')
  FROM unnest(ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_trader', 'oxe_compliance', 'oxe_operations']) AS role;
SELECT is(pg_temp.attempt('oxe_audit', 'SELECT oxe.make_partitions(6)'), 'ok', 'audit-writer makes partitions');
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass), 7::bigint, 'three more');
SELECT is(oxe.make_partitions(6), 0, 'made once');
SELECT is((SELECT relowner::regrole::name FROM pg_class WHERE oid = inhrelid), pg_temp.owner(), inhrelid::regclass || ' is the owner''s')
  FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass;
SELECT set_eq(format($$ SELECT tgname::text FROM pg_trigger WHERE tgrelid = %L::regclass AND tgenabled = 'O' $$, inhrelid::regclass),
              ARRAY['append_only', 'append_only_truncate', 'one_writer'], inhrelid::regclass || ' has every trigger')
  FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass;
SELECT ok((SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = inhrelid),
          inhrelid::regclass || ' forces row-level security')
  FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass;
SELECT is((SELECT count(*) FROM pg_index WHERE indrelid = inhrelid), 4::bigint, inhrelid::regclass || ' has every index')
  FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass;

SELECT * FROM finish();
ROLLBACK;
