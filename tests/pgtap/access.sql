BEGIN;
\ir support.psql
SELECT no_plan();

INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1);
INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 150);
SELECT pg_temp.new_trader(n) FROM generate_series(1, 2) AS n \g /dev/null
SELECT pg_temp.new_order(n, pg_temp.trader(1 + n % 2)) FROM generate_series(1, 5) AS n \g /dev/null
INSERT INTO oxe.positions (trader_id, symbol) SELECT pg_temp.trader(n), 'AAPL' FROM generate_series(1, 2) AS n;
INSERT INTO oxe.fills SELECT gen_random_uuid(), id, trader_id, 'AAPL', 'BUY', 1, 1, 'SIM', 'E-' || idempotent_key, NULL, now() FROM oxe.orders;
INSERT INTO oxe.audit_traders VALUES (pg_temp.trader(1), 2), (pg_temp.trader(2), 3);
SELECT pg_temp.new_entry(n, NULL, pg_temp.trader(1 + n % 2), n, 'SUBMITTED') FROM generate_series(1, 5) AS n \g /dev/null
SELECT pg_temp.new_entry(6, NULL, NULL, NULL, 'HALTED') \g /dev/null

-- Rows: trader 1 has 2 of each, trader 2 has 3 (one position and account each).
CREATE TEMP TABLE guarded AS SELECT * FROM (VALUES
    ('oxe.traders', 1, 1, 2), ('oxe.positions', 1, 1, 2), ('oxe.orders', 2, 3, 5), ('oxe.fills', 2, 3, 5),
    ('oxe.execution_logs', 2, 3, 6), ('oxe.audit_traders', 1, 1, 2)) AS guarded (relation, first, second, all_rows);

SELECT is(pg_temp.seen('oxe_trader', relation, pg_temp.trader(1)::text), first::bigint, 'trader 1 sees its own rows of ' || relation) FROM guarded;
SELECT is(pg_temp.seen('oxe_trader', relation, pg_temp.trader(2)::text), second::bigint, 'trader 2 sees its own rows of ' || relation) FROM guarded;
SELECT is(pg_temp.seen('oxe_trader', relation, pg_temp.trader(9)::text), 0::bigint, 'a trader without rows sees none of ' || relation) FROM guarded;
SELECT is(pg_temp.seen('oxe_trader', relation), 0::bigint, 'without a trader nothing is seen of ' || relation) FROM guarded;
SELECT is(pg_temp.seen('oxe_trader', format('%s WHERE %s = %L', relation, CASE relation WHEN 'oxe.traders' THEN 'id' ELSE 'trader_id' END,
                                            pg_temp.trader(2)), pg_temp.trader(1)::text), 0::bigint,
          'trader 1 does not find trader 2''s rows of ' || relation || ' by asking for them') FROM guarded;
SELECT is(pg_temp.attempt('oxe_trader', 'SELECT FROM ' || relation, 'no uuid'), '22P02', 'a malformed trader is an error in ' || relation) FROM guarded;
SELECT is(pg_temp.seen('oxe_compliance', relation), all_rows::bigint, 'compliance sees all of ' || relation)
  FROM guarded WHERE relation IN ('oxe.orders', 'oxe.execution_logs', 'oxe.audit_traders');
SELECT is(pg_temp.seen('oxe_operations', relation), all_rows::bigint, 'operations sees all of ' || relation)
  FROM guarded WHERE relation IN ('oxe.traders', 'oxe.positions', 'oxe.orders', 'oxe.fills');
SELECT is(pg_temp.seen(pg_temp.owner(), relation), 0::bigint, 'row-level security binds the owner in ' || relation) FROM guarded;
SELECT is(pg_temp.attempt('oxe_trader', format('SELECT FROM %s', partition)), '42501', 'a trader cannot go round by ' || partition)
  FROM (SELECT inhrelid::regclass::text AS partition FROM pg_inherits WHERE inhparent = 'oxe.execution_logs'::regclass) AS partitions;
SELECT is(pg_temp.attempt('oxe_trader', statement, pg_temp.trader(1)::text), '42501', 'a trader''s session cannot: ' || statement)
  FROM unnest(ARRAY['UPDATE oxe.traders SET cash = 1', 'UPDATE oxe.orders SET quantity = 1', 'DELETE FROM oxe.orders',
                    'INSERT INTO oxe.outbox (batch) VALUES ('''')', 'SELECT FROM oxe.outbox', 'SELECT FROM oxe.put_aside',
                    'SELECT FROM oxe.open_orders', 'SELECT FROM oxe.open_legs', 'SELECT FROM oxe.commands', 'SELECT FROM oxe.audit_state', 'SELECT created_by FROM oxe.halts', 'SELECT trader_id FROM oxe.halts']) AS statement;

-- A halt binds everybody, one trader, or whoever trades its symbol.
INSERT INTO oxe.halts (id, scope, trader_id, symbol, reason, created_by, created_at) VALUES
    (gen_random_uuid(), 'ALL', NULL, NULL, 'all', 'olga', now()), (gen_random_uuid(), 'SYMBOL', NULL, 'AAPL', 'symbol', 'olga', now()),
    (gen_random_uuid(), 'TRADER', pg_temp.trader(1), NULL, 'one', 'olga', now()), (gen_random_uuid(), 'TRADER', pg_temp.trader(2), NULL, 'two', 'olga', now());
SELECT is(pg_temp.seen('oxe_trader', 'oxe.halts WHERE reason <> ''two''', pg_temp.trader(1)::text), 3::bigint, 'a trader sees the halts that bind them');
SELECT is(pg_temp.seen('oxe_trader', 'oxe.halts WHERE reason = ''two''', pg_temp.trader(1)::text), 0::bigint, 'and not another trader''s');
SELECT is(pg_temp.seen('oxe_trader', 'oxe.halts'), 2::bigint, 'without a trader no trader''s halt is seen');
SELECT is(pg_temp.seen(role, 'oxe.halts'), 4::bigint, role || ' sees all of oxe.halts') FROM unnest(ARRAY['oxe_compliance', 'oxe_operations']) AS role;
DELETE FROM oxe.halts;

-- The gateway finds the account of a verified token by its subject.
SELECT set_config('oxe.subject', 'trader-2', true) \g /dev/null
SELECT is(pg_temp.seen('oxe_trader', 'oxe.traders'), 1::bigint, 'a subject sees its account');
SELECT is(pg_temp.seen('oxe_trader', 'oxe.traders WHERE subject <> ''trader-2'''), 0::bigint, 'and no other');
SELECT is(pg_temp.seen('oxe_trader', 'oxe.orders'), 0::bigint, 'and no order');
SELECT set_config('oxe.subject', '', true) \g /dev/null

-- All that the services' roles may, column by column: what their statements need, so that one grant more fails here. Partitions are out of reach.
SELECT set_eq(
    $$ SELECT grantee::text, table_name::text, privilege_type::text,
              CASE WHEN count(*) = (SELECT count(*) FROM information_schema.columns c WHERE c.table_schema = 'oxe' AND c.table_name = p.table_name)
                   THEN 'every column' ELSE string_agg(column_name::text, ' ' ORDER BY column_name::text) END
         FROM information_schema.column_privileges p
        WHERE table_schema = 'oxe' AND grantee <> pg_temp.owner()
        GROUP BY grantee, table_name, privilege_type
       UNION ALL
       SELECT grantee::text, table_name::text, privilege_type::text, 'rows' FROM information_schema.table_privileges
        WHERE table_schema = 'oxe' AND privilege_type IN ('DELETE', 'TRUNCATE', 'TRIGGER') AND grantee <> pg_temp.owner() $$,
    $$ VALUES
        ('oxe_audit', 'audit_archived_leaves', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_checkpoints', 'INSERT', 'note tree_size'),
        ('oxe_audit', 'audit_checkpoints', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_leaves', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_published', 'INSERT', 'note tree_size'),
        ('oxe_audit', 'audit_published', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_stamps', 'INSERT', 'every column'),
        ('oxe_audit', 'audit_stamps', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_state', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_state', 'UPDATE', 'epoch frontier last_recorded_at next_log_seq sealed_frontier'),
        ('oxe_audit', 'audit_tiles', 'INSERT', 'every column'),
        ('oxe_audit', 'audit_tiles', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_traders', 'INSERT', 'every column'),
        ('oxe_audit', 'audit_traders', 'SELECT', 'every column'),
        ('oxe_audit', 'audit_traders', 'UPDATE', 'last_seq'),
        ('oxe_audit', 'execution_logs', 'INSERT', 'every column'),
        ('oxe_audit', 'execution_logs', 'SELECT', 'leaf_hash log_seq'),
        ('oxe_audit', 'heartbeats', 'INSERT', 'every column'),
        ('oxe_audit', 'heartbeats', 'SELECT', 'every column'),
        ('oxe_audit', 'heartbeats', 'UPDATE', 'backend_pid beat_at'),
        ('oxe_audit', 'outbox', 'SELECT', 'every column'),
        ('oxe_audit', 'put_aside', 'INSERT', 'detail kind service'),
        ('oxe_backup', 'backups', 'INSERT', 'bytes finished_at kind label started_at'),
        ('oxe_backup', 'backups', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_archived_leaves', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_archives', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_checkpoints', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_leaves', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_published', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_stamps', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_tiles', 'SELECT', 'every column'),
        ('oxe_compliance', 'audit_traders', 'SELECT', 'every column'),
        ('oxe_compliance', 'execution_logs', 'SELECT', 'every column'),
        ('oxe_compliance', 'commands', 'SELECT', 'every column'),
        ('oxe_compliance', 'halts', 'SELECT', 'every column'),
        ('oxe_compliance', 'heartbeats', 'SELECT', 'every column'),
        ('oxe_compliance', 'lanes', 'SELECT', 'every column'),
        ('oxe_compliance', 'open_orders', 'SELECT', 'every column'),
        ('oxe_compliance', 'put_aside', 'SELECT', 'every column'),
        ('oxe_compliance', 'orders', 'SELECT', 'every column'),
        ('oxe_executor', 'commands', 'SELECT', 'every column'),
        ('oxe_executor', 'day_prices', 'INSERT', 'every column'),
        ('oxe_executor', 'day_prices', 'SELECT', 'every column'),
        ('oxe_executor', 'bars', 'INSERT', 'every column'),
        ('oxe_executor', 'bars', 'SELECT', 'every column'),
        ('oxe_executor', 'bars', 'UPDATE', 'close high low volume'),
        ('oxe_executor', 'bars_counted', 'SELECT', 'every column'),
        ('oxe_executor', 'bars_counted', 'UPDATE', 'upto'),
        ('oxe_executor', 'fills', 'INSERT', 'flag id order_id price_at_fill quantity_filled side symbol timestamp trader_id venue venue_exec_id'),
        ('oxe_executor', 'fills', 'SELECT', 'every column'),
        ('oxe_executor', 'halts', 'INSERT', 'created_at created_by id reason scope symbol'),
        ('oxe_executor', 'halts', 'SELECT', 'every column'),
        ('oxe_executor', 'heartbeats', 'INSERT', 'every column'),
        ('oxe_executor', 'heartbeats', 'SELECT', 'every column'),
        ('oxe_executor', 'heartbeats', 'UPDATE', 'backend_pid beat_at'),
        ('oxe_executor', 'instruments', 'SELECT', 'every column'),
        ('oxe_executor', 'lanes', 'INSERT', 'lane'),
        ('oxe_executor', 'lane_resyncs', 'SELECT', 'every column'),
        ('oxe_executor', 'lane_resyncs', 'UPDATE', 'done_at done_by from_in_seq'),
        ('oxe_executor', 'lanes', 'SELECT', 'every column'),
        ('oxe_executor', 'lanes', 'UPDATE', 'epoch in_expected in_received in_seq logout_text out_expected out_next out_seq owner renumbered_at session session_at updated_at why'),
        ('oxe_executor', 'last_prices', 'INSERT', 'every column'),
        ('oxe_executor', 'last_prices', 'SELECT', 'every column'),
        ('oxe_executor', 'last_prices', 'UPDATE', 'price updated_at'),
        ('oxe_executor', 'open_legs', 'INSERT', 'every column'),
        ('oxe_executor', 'open_legs', 'SELECT', 'every column'),
        ('oxe_executor', 'open_orders', 'INSERT', 'every column'),
        ('oxe_executor', 'open_orders', 'SELECT', 'every column'),
        ('oxe_executor', 'order_transitions', 'SELECT', 'every column'),
        ('oxe_executor', 'orders', 'INSERT', 'actor created_at execution_state fingerprint id idempotent_key lane order_type parent_order_id price protects_quantity quantity sibling_order_id side status symbol time_in_force trace_id trader_id updated_at'),
        ('oxe_executor', 'orders', 'SELECT', 'every column'),
        ('oxe_executor', 'orders', 'UPDATE', 'attempts average_price cancel_requested_at execution_state filled_notional filled_quantity next_check_at protects_quantity quantity reason recalls reserve_price reserve_quantity reserved sibling_order_id status stop_loss_order_id take_profit_order_id updated_at venue_known venue_order_id'),
        ('oxe_executor', 'outbox', 'INSERT', 'batch'),
        ('oxe_executor', 'positions', 'INSERT', 'cost open_buy open_sell quantity realized_day realized_pnl reducing_buy reducing_sell symbol trader_id updated_at'),
        ('oxe_executor', 'positions', 'SELECT', 'every column'),
        ('oxe_executor', 'positions', 'UPDATE', 'cost open_buy open_sell quantity realized_day realized_pnl reducing_buy reducing_sell updated_at'),
        ('oxe_executor', 'put_aside', 'INSERT', 'cl_ord_id detail exec_type kind message order_id price quantity service venue_exec_id'),
        ('oxe_executor', 'traders', 'SELECT', 'every column'),
        ('oxe_executor', 'traders', 'UPDATE', 'cash daily_notional day_start_equity open_orders reserved trading_day'),
        ('oxe_operations', 'backups', 'SELECT', 'every column'),
        ('oxe_operations', 'commands', 'SELECT', 'every column'),
        ('oxe_operations', 'fills', 'SELECT', 'every column'),
        ('oxe_operations', 'flag_changes', 'INSERT', 'percent'),
        ('oxe_operations', 'flag_changes', 'SELECT', 'every column'),
        ('oxe_operations', 'audit_checkpoints', 'SELECT', 'signed_at tree_size'),
        ('oxe_operations', 'audit_published', 'SELECT', 'tree_size'),
        ('oxe_operations', 'audit_state', 'SELECT', 'last_recorded_at next_log_seq'),
        ('oxe_operations', 'halts', 'SELECT', 'every column'),
        ('oxe_operations', 'heartbeats', 'SELECT', 'every column'),
        ('oxe_operations', 'lanes', 'SELECT', 'every column'),
        ('oxe_operations', 'lane_resyncs', 'INSERT', 'lane reason'),
        ('oxe_operations', 'lane_resyncs', 'SELECT', 'every column'),
        ('oxe_operations', 'limit_changes', 'SELECT', 'every column'),
        ('oxe_operations', 'open_orders', 'SELECT', 'every column'),
        ('oxe_operations', 'orders', 'SELECT', 'every column'),
        ('oxe_operations', 'outbox', 'SELECT', 'created_at id'),
        ('oxe_operations', 'positions', 'SELECT', 'every column'),
        ('oxe_operations', 'put_aside', 'SELECT', 'every column'),
        ('oxe_operations', 'traders', 'INSERT', 'cash currency id opening_cash subject'),
        ('oxe_operations', 'traders', 'SELECT', 'every column'),
        ('oxe_operations', 'traders', 'UPDATE', 'daily_loss max_daily_notional max_open_orders max_order_notional max_order_quantity max_position_quantity orders_per_minute price_collar_pct short_margin_pct short_selling status'),
        ('oxe_risk', 'commands', 'INSERT', 'every column'),
        ('oxe_risk', 'commands', 'SELECT', 'every column'),
        ('oxe_risk', 'day_prices', 'INSERT', 'every column'),
        ('oxe_risk', 'day_prices', 'SELECT', 'every column'),
        ('oxe_risk', 'halts', 'INSERT', 'every column'),
        ('oxe_risk', 'halts', 'SELECT', 'every column'),
        ('oxe_risk', 'halts', 'UPDATE', 'cancels_open'),
        ('oxe_risk', 'heartbeats', 'SELECT', 'beat_at process'),
        ('oxe_risk', 'instruments', 'SELECT', 'every column'),
        ('oxe_risk', 'lanes', 'SELECT', 'lane owner'),
        ('oxe_risk', 'last_prices', 'SELECT', 'every column'),
        ('oxe_risk', 'open_orders', 'INSERT', 'every column'),
        ('oxe_risk', 'open_orders', 'SELECT', 'every column'),
        ('oxe_risk', 'orders', 'INSERT', 'actor created_at execution_state expires_at fingerprint id idempotent_key lane order_type price quantity reason rejection reserve_price reserve_quantity reserved side status stop_loss symbol take_profit time_in_force trace_id trader_id updated_at'),
        ('oxe_risk', 'orders', 'SELECT', 'every column'),
        ('oxe_risk', 'orders', 'UPDATE', 'cancel_requested_at updated_at'),
        ('oxe_risk', 'outbox', 'INSERT', 'batch'),
        ('oxe_risk', 'outbox', 'SELECT', 'created_at id'),
        ('oxe_risk', 'positions', 'INSERT', 'open_buy open_sell reducing_buy reducing_sell symbol trader_id updated_at'),
        ('oxe_risk', 'positions', 'SELECT', 'every column'),
        ('oxe_risk', 'positions', 'UPDATE', 'open_buy open_sell reducing_buy reducing_sell updated_at'),
        ('oxe_risk', 'traders', 'SELECT', 'every column'),
        ('oxe_risk', 'traders', 'UPDATE', 'daily_notional day_start_equity open_orders reserved trading_day'),
        ('oxe_trader', 'audit_traders', 'SELECT', 'every column'),
        ('oxe_trader', 'backups', 'SELECT', 'finished_at'),
        ('oxe_trader', 'bars', 'SELECT', 'every column'),
        ('oxe_trader', 'day_prices', 'SELECT', 'every column'),
        ('oxe_trader', 'execution_logs', 'SELECT', 'every column'),
        ('oxe_trader', 'fills', 'SELECT', 'every column'),
        ('oxe_trader', 'flag_changes', 'SELECT', 'id percent'),
        ('oxe_trader', 'halts', 'SELECT', 'created_at id reason scope symbol'),
        ('oxe_trader', 'instruments', 'SELECT', 'every column'),
        ('oxe_trader', 'last_prices', 'SELECT', 'every column'),
        ('oxe_trader', 'limit_changes', 'SELECT', 'id'),
        ('oxe_trader', 'orders', 'SELECT', 'every column'),
        ('oxe_trader', 'positions', 'SELECT', 'every column'),
        ('oxe_trader', 'traders', 'SELECT', 'every column'),
        ('oxe_validator', 'instruments', 'SELECT', 'every column'),
        ('oxe_audit', 'outbox', 'DELETE', 'rows'),
        ('oxe_executor', 'bars', 'DELETE', 'rows'),
        ('oxe_executor', 'commands', 'DELETE', 'rows'),
        ('oxe_executor', 'open_legs', 'DELETE', 'rows'),
        ('oxe_executor', 'open_orders', 'DELETE', 'rows'),
        ('oxe_risk', 'halts', 'DELETE', 'rows') $$,
    'the roles may do this, and nothing else');
SELECT set_eq(
    $$ SELECT coalesce(grantee::regrole::text, 'PUBLIC'), relname::text, privilege_type
         FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'oxe'::regnamespace AND relkind = 'S' AND grantee::regrole::name <> pg_temp.owner() $$,
    $$ VALUES ('oxe_risk', 'outbox_id', 'USAGE'), ('oxe_executor', 'outbox_id', 'USAGE') $$,
    'the sequence of outbox ids is drawn from by those who write the outbox');
SELECT set_eq(
    $$ SELECT proname::text, r.rolname::text FROM pg_proc p, pg_roles r
        WHERE pronamespace = 'oxe'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
          AND r.rolname ~ '^oxe_(validator|risk|executor|audit|trader|compliance|operations)$' AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
       UNION ALL
       SELECT 'tell_operation', r.rolname FROM pg_roles r
        WHERE r.rolname ~ '^oxe_' AND r.rolname <> pg_temp.owner()
          AND has_function_privilege(r.oid, 'oxe.tell_operation(oxe.audit_action, uuid, text, numeric, text, text[])', 'EXECUTE') $$,
    $$ VALUES ('make_partitions', 'oxe_audit'), ('archive_month', 'oxe_operations') $$,
    'what runs as the owner is open to whom it is for');
SELECT set_eq(
    $$ SELECT tablename::text, policyname::text, cmd, array_to_string(roles, ' ') FROM pg_policies
        WHERE schemaname = 'oxe' AND tablename !~ '^execution_logs_' $$,
    $$ VALUES
        ('traders', 'own_rows', 'SELECT', 'oxe_trader'), ('traders', 'own_subject', 'SELECT', 'oxe_trader'),
        ('traders', 'service', 'ALL', 'oxe_executor oxe_risk'), ('traders', 'watch', 'SELECT', 'oxe_operations'),
        ('traders', 'open_account', 'INSERT', 'oxe_operations'), ('traders', 'change_limits', 'UPDATE', 'oxe_operations'),
        ('positions', 'own_rows', 'SELECT', 'oxe_trader'), ('positions', 'service', 'ALL', 'oxe_executor oxe_risk'), ('positions', 'watch', 'SELECT', 'oxe_operations'),
        ('orders', 'own_rows', 'SELECT', 'oxe_trader'), ('orders', 'read_all', 'SELECT', 'oxe_compliance'),
        ('orders', 'watch', 'SELECT', 'oxe_operations'), ('orders', 'service_read', 'SELECT', 'oxe_executor oxe_risk'),
        ('orders', 'service_update', 'UPDATE', 'oxe_executor oxe_risk'), ('orders', 'service_admit', 'INSERT', 'oxe_executor oxe_risk'),
        ('halts', 'own_halts', 'SELECT', 'oxe_trader'), ('halts', 'read_all', 'SELECT', 'oxe_compliance'),
        ('halts', 'service', 'ALL', 'oxe_executor oxe_risk'), ('halts', 'watch', 'SELECT', 'oxe_operations'),
        ('fills', 'own_rows', 'SELECT', 'oxe_trader'), ('fills', 'service', 'ALL', 'oxe_executor'), ('fills', 'watch', 'SELECT', 'oxe_operations'),
        ('execution_logs', 'own_rows', 'SELECT', 'oxe_trader'), ('execution_logs', 'read_all', 'SELECT', 'oxe_compliance'),
        ('execution_logs', 'service', 'INSERT', 'oxe_audit'),
        ('execution_logs', 'read_hashes', 'SELECT', 'oxe_audit'),
        ('execution_logs', 'archive', 'SELECT', pg_temp.owner()::text),
        ('audit_traders', 'own_rows', 'SELECT', 'oxe_trader'), ('audit_traders', 'read_all', 'SELECT', 'oxe_compliance'),
        ('audit_traders', 'service', 'ALL', 'oxe_audit') $$,
    'the policies are these');
SELECT is_empty($$ SELECT table_name FROM information_schema.table_privileges WHERE table_schema = 'oxe' AND grantee = 'PUBLIC' $$,
                'nothing is granted to everybody');
SELECT is_empty($$ SELECT rolname FROM pg_roles WHERE rolname ~ '^oxe_(validator|risk|executor|audit|trader|compliance|operations)$'
                    AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR NOT rolcanlogin
                         OR has_schema_privilege(oid, 'oxe', 'CREATE')
                         OR NOT 'idle_in_transaction_session_timeout=2s' = ANY (rolconfig)) $$,
                'no service''s role may more than its tables, and none holds row locks while it idles');

-- What the services do, works.
SELECT is(pg_temp.attempt(role, statement), 'ok', role || ' may: ' || fact) FROM (VALUES
    ('oxe_risk', 'roll the day', $$ SELECT oxe.roll_day(ARRAY[pg_temp.trader(1)], '2026-01-05') $$),
    ('oxe_risk', 'reserve', $$ UPDATE oxe.traders SET reserved = reserved + 1, open_orders = open_orders + 1 $$),
    ('oxe_risk', 'open quantities', $$ INSERT INTO oxe.positions (trader_id, symbol, open_buy) VALUES (pg_temp.trader(1), 'AAPL', 1)
                                       ON CONFLICT (trader_id, symbol) DO UPDATE SET open_buy = positions.open_buy + 1 $$),
    ('oxe_risk', 'write events', $$ INSERT INTO oxe.outbox (batch) VALUES ('') RETURNING id $$),
    ('oxe_risk', 'record a cancel request', $$ UPDATE oxe.orders SET cancel_requested_at = now(), updated_at = now() $$),
    ('oxe_risk', 'record a command', $$ INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)
                                        SELECT gen_random_uuid(), lane, id, 'CANCEL', 'trader-1', now() FROM oxe.orders $$),
    ('oxe_executor', 'lock orders', $$ SELECT FROM oxe.orders ORDER BY id FOR NO KEY UPDATE $$),
    ('oxe_executor', 'roll the day', $$ SELECT oxe.roll_day(ARRAY[pg_temp.trader(2)], '2026-01-05') $$),
    ('oxe_executor', 'claim', $$ UPDATE oxe.orders SET execution_state = 'SENT', attempts = attempts + 1, updated_at = now() $$),
    ('oxe_executor', 'carry out a command', $$ DELETE FROM oxe.commands RETURNING id $$),
    ('oxe_executor', 'move money', $$ UPDATE oxe.traders SET cash = cash - 1 $$),
    ('oxe_executor', 'find what it wrote', $$ SELECT oxe.expect_written(1, 1) $$),
    ('oxe_executor', 'beat', $$ INSERT INTO oxe.heartbeats VALUES ('x', 'executor', 1, now()) ON CONFLICT (process) DO UPDATE SET beat_at = now() $$),
    ('oxe_executor', 'write prices', $$ INSERT INTO oxe.last_prices VALUES ('AAPL', 1) ON CONFLICT (symbol) DO UPDATE SET price = 1 $$),
    ('oxe_audit', 'take events', $$ DELETE FROM oxe.outbox RETURNING id $$),
    ('oxe_audit', 'read the log''s hashes', $$ SELECT log_seq, leaf_hash FROM oxe.execution_logs $$),
    ('oxe_audit', 'keep a checkpoint', $$ INSERT INTO oxe.audit_checkpoints (tree_size, note) VALUES (0, 'x') $$),
    ('oxe_audit', 'lock the end of the log', $$ SELECT FROM oxe.audit_state FOR NO KEY UPDATE $$),
    ('oxe_operations', 'open an account', $$ INSERT INTO oxe.traders (id, subject, cash, opening_cash) VALUES (pg_temp.trader(8), 'new', 5, 5) $$),
    ('oxe_operations', 'change limits', $$ UPDATE oxe.traders SET daily_loss = 7, short_selling = true, status = 'SUSPENDED' WHERE id = pg_temp.trader(2) $$),
    ('oxe_operations', 'read who changed limits', $$ SELECT FROM oxe.limit_changes $$),
    ('oxe_operations', 'read who set the flag', $$ SELECT actor FROM oxe.flag_changes $$),
    ('oxe_trader', 'read the flag', $$ SELECT percent FROM oxe.flag_changes ORDER BY id DESC $$),
    ('oxe_trader', 'see that limits have changed', $$ SELECT id FROM oxe.limit_changes $$)
) AS cases (role, fact, statement);

-- And what they must not, does not.
SELECT is(pg_temp.attempt(role, statement), '42501', role || ' may not: ' || fact) FROM (VALUES
    ('oxe_validator', 'read traders', $$ SELECT FROM oxe.traders $$),
    ('oxe_validator', 'read orders', $$ SELECT FROM oxe.orders $$),
    ('oxe_risk', 'move money', $$ UPDATE oxe.traders SET cash = 1 $$),
    ('oxe_risk', 'move a position', $$ UPDATE oxe.positions SET quantity = 1 $$),
    ('oxe_risk', 'raise a limit', $$ UPDATE oxe.traders SET max_open_orders = 9 $$),
    ('oxe_risk', 'step an order', $$ UPDATE oxe.orders SET execution_state = 'SENT' $$),
    ('oxe_risk', 'fill', $$ INSERT INTO oxe.fills SELECT * FROM oxe.fills $$),
    ('oxe_risk', 'take events', $$ DELETE FROM oxe.outbox $$),
    ('oxe_risk', 'carry out a command', $$ DELETE FROM oxe.commands $$),
    ('oxe_executor', 'command itself', $$ INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)
                                          SELECT gen_random_uuid(), lane, id, 'CANCEL', 'executor', now() FROM oxe.orders $$),
    ('oxe_operations', 'command past risk-manager', $$ INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)
                                                       SELECT gen_random_uuid(), lane, id, 'CANCEL', 'ops', now() FROM oxe.orders $$),
    ('oxe_executor', 'change a fill', $$ UPDATE oxe.fills SET price_at_fill = 1 $$),
    ('oxe_executor', 'delete an order', $$ DELETE FROM oxe.orders $$),
    ('oxe_executor', 'give an order to another', $$ UPDATE oxe.orders SET trader_id = pg_temp.trader(1) $$),
    ('oxe_executor', 'raise a limit', $$ UPDATE oxe.traders SET daily_loss = 9 $$),
    ('oxe_executor', 'open an account', $$ INSERT INTO oxe.traders (id, subject) VALUES (pg_temp.trader(7), 'x') $$),
    ('oxe_executor', 'read the log', $$ SELECT FROM oxe.execution_logs $$),
    ('oxe_executor', 'change the table of transitions', $$ INSERT INTO oxe.order_transitions VALUES ('DONE', 'FILLED', 'ADMITTED', 'PENDING') $$),
    ('oxe_audit', 'make events', $$ INSERT INTO oxe.outbox (batch) VALUES ('') $$),
    ('oxe_audit', 'read orders', $$ SELECT FROM oxe.orders $$),
    ('oxe_audit', 'change a checkpoint', $$ UPDATE oxe.audit_checkpoints SET note = '' $$),
    ('oxe_audit', 'date a checkpoint back', $$ INSERT INTO oxe.audit_checkpoints (tree_size, note, signed_at) VALUES (1, '', now()) $$),
    ('oxe_audit', 'change what was published', $$ UPDATE oxe.audit_published SET note = '' $$),
    ('oxe_audit', 'withdraw what was published', $$ DELETE FROM oxe.audit_published $$),
    ('oxe_audit', 'withdraw a time stamp', $$ DELETE FROM oxe.audit_stamps $$),
    ('oxe_compliance', 'publish', $$ INSERT INTO oxe.audit_published (tree_size, note) VALUES (1, '') $$),
    ('oxe_audit', 'take a checkpoint away', $$ DELETE FROM oxe.audit_checkpoints $$),
    ('oxe_audit', 'change a tile', $$ UPDATE oxe.audit_tiles SET place = 7 $$),
    ('oxe_compliance', 'sign', $$ INSERT INTO oxe.audit_checkpoints (tree_size, note) VALUES (1, '') $$),
    ('oxe_trader', 'read tiles', $$ SELECT FROM oxe.audit_tiles $$),
    ('oxe_compliance', 'archive', $$ SELECT oxe.archive_month('2000-01-01', 1, 0) $$),
    ('oxe_audit', 'archive', $$ SELECT oxe.archive_month('2000-01-01', 1, 0) $$),
    ('oxe_operations', 'say that a month is archived', $$ INSERT INTO oxe.audit_archives (month, first_seq, last_seq) VALUES ('2000-01-01', 1, 0) $$),
    ('oxe_operations', 'make up a hash', $$ INSERT INTO oxe.audit_archived_leaves VALUES (1, sha256('x')) $$),
    ('oxe_trader', 'read the hashes of all', $$ SELECT FROM oxe.audit_leaves $$),
    ('oxe_compliance', 'write', $$ UPDATE oxe.orders SET reason = 'x' $$),
    ('oxe_operations', 'open an account with money from nowhere', $$ INSERT INTO oxe.traders (id, subject, cash) VALUES (pg_temp.trader(7), 'x', 5) $$),
    ('oxe_operations', 'give positions', $$ INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity) VALUES (pg_temp.trader(2), 'MSFT', 5, 5) $$),
    ('oxe_operations', 'make up an entry', $$ SELECT oxe.tell_operation('RESUMED', NULL, NULL, NULL, 'ALL', '{x}') $$),
    ('oxe_executor', 'make up an operation', $$ INSERT INTO oxe.outbox (operation) VALUES (ROW(gen_random_uuid(), 'RESUMED', NULL, NULL, NULL, NULL, NULL, 'x', now())) $$),
    ('oxe_audit', 'read more of the log than hashes', $$ SELECT order_id FROM oxe.execution_logs $$),
    ('oxe_compliance', 'read accounts', $$ SELECT FROM oxe.traders $$),
    ('oxe_operations', 'open an account with a loss of the day', $$ INSERT INTO oxe.traders (id, subject, day_start_equity) VALUES (pg_temp.trader(7), 'x', 5) $$),
    ('oxe_trader', 'open an account', $$ INSERT INTO oxe.traders (id, subject) VALUES (pg_temp.trader(7), 'x') $$),
    ('oxe_compliance', 'open an account', $$ INSERT INTO oxe.traders (id, subject) VALUES (pg_temp.trader(7), 'x') $$),
    ('oxe_trader', 'raise its own limit', $$ UPDATE oxe.traders SET daily_loss = 9 $$),
    ('oxe_trader', 'read who changed limits', $$ SELECT actor FROM oxe.limit_changes $$),
    ('oxe_trader', 'read who set the flag', $$ SELECT actor FROM oxe.flag_changes $$),
    ('oxe_trader', 'set the flag', $$ INSERT INTO oxe.flag_changes (percent) VALUES (100) $$),
    ('oxe_compliance', 'set the flag', $$ INSERT INTO oxe.flag_changes (percent) VALUES (100) $$),
    ('oxe_operations', 'set the flag in another''s name', $$ INSERT INTO oxe.flag_changes (percent, role) VALUES (100, 'x') $$),
    ('oxe_operations', 'set the flag at another time', $$ INSERT INTO oxe.flag_changes (percent, changed_at) VALUES (100, now()) $$),
    ('oxe_operations', 'carry out a resync', $$ UPDATE oxe.lane_resyncs SET done_at = now() $$),
    ('oxe_operations', 'ask for a resync in another''s name', $$ INSERT INTO oxe.lane_resyncs (lane, reason, actor) VALUES (0, 'x', 'x') $$),
    ('oxe_executor', 'ask for a resync', $$ INSERT INTO oxe.lane_resyncs (lane, reason) VALUES (0, 'x') $$),
    ('oxe_operations', 'change what the flag was', $$ UPDATE oxe.flag_changes SET percent = 1 $$),
    ('oxe_operations', 'hide what the flag was', $$ DELETE FROM oxe.flag_changes $$),
    ('oxe_compliance', 'raise a limit', $$ UPDATE oxe.traders SET daily_loss = 9 $$),
    ('oxe_operations', 'change whose account it is', $$ UPDATE oxe.traders SET subject = 'x' $$),
    ('oxe_operations', 'free a reservation', $$ UPDATE oxe.traders SET reserved = 0 $$),
    ('oxe_operations', 'make up a change', $$ INSERT INTO oxe.limit_changes (trader_id, actor, role, before, after)
                                              VALUES (pg_temp.trader(1), 'x', 'x', '{}', '{}') $$),
    ('oxe_operations', 'hide a change', $$ DELETE FROM oxe.limit_changes $$),
    ('oxe_operations', 'give money', $$ UPDATE oxe.traders SET cash = 9 $$),
    ('oxe_operations', 'make a position from nowhere', $$ INSERT INTO oxe.positions (trader_id, symbol, quantity) VALUES (pg_temp.trader(1), 'AAPL', 5) $$)
) AS cases (role, fact, statement);

-- A change of limits is kept: what it was, what it became, who says so and who was let in.
SELECT set_config('oxe.actor', 'olga', true) \g /dev/null
SELECT is(pg_temp.attempt('oxe_operations', $$ UPDATE oxe.traders SET max_open_orders = 3, daily_loss = 7.5, price_collar_pct = price_collar_pct
                                               WHERE id = pg_temp.trader(1) $$), 'ok', 'operations changes limits of trader 1');
SELECT is(pg_temp.attempt('oxe_operations', $$ UPDATE oxe.traders SET max_open_orders = 3 WHERE id = pg_temp.trader(1) $$), 'ok',
          'operations sets what is already so');
SELECT is(pg_temp.attempt('oxe_risk', $$ UPDATE oxe.traders SET reserved = reserved + 1 $$), 'ok', 'risk-manager reserves');
SELECT results_eq($$ SELECT actor, role, before, after FROM oxe.limit_changes WHERE trader_id = pg_temp.trader(1) AND before <> '{}' $$,
                  $$ VALUES ('olga', session_user::text COLLATE "default", '{"daily_loss": 100000.00000000, "max_open_orders": 1000}'::jsonb,
                             '{"daily_loss": 7.50000000, "max_open_orders": 3}'::jsonb) $$,
                  'only what changed is kept, once, with its name');
SELECT is(pg_temp.attempt('oxe_operations', format('UPDATE oxe.traders SET %I = %s WHERE id = pg_temp.trader(1)', name, value)), '23514',
          format('operations cannot set %s to %s', name, value))
  FROM unnest(ARRAY['daily_loss', 'max_position_quantity', 'max_order_quantity', 'max_order_notional', 'price_collar_pct']) AS name,
       unnest(ARRAY['0', '10000000000', '''NaN''']) AS value;
SELECT is(pg_temp.attempt('oxe_operations', format('UPDATE oxe.traders SET max_daily_notional = %s WHERE id = pg_temp.trader(1)', value)), '23514',
          format('operations cannot set max_daily_notional to %s', value)) FROM unnest(ARRAY['-0.00000001', '10000000000', '''NaN''']) AS value;
SELECT is(pg_temp.attempt('oxe_operations', $$ UPDATE oxe.traders SET max_daily_notional = 5 WHERE id = pg_temp.trader(1) $$), 'ok', 'operations limits a day');
SELECT results_eq($$ SELECT before, after FROM oxe.limit_changes WHERE trader_id = pg_temp.trader(1) ORDER BY id DESC LIMIT 1 $$,
                  $$ VALUES ('{"max_daily_notional": 0.00000000}'::jsonb, '{"max_daily_notional": 5.00000000}'::jsonb) $$, 'which is kept');
SELECT is(pg_temp.attempt('oxe_operations', $$ UPDATE oxe.traders SET daily_notional = 0 $$), '42501', 'operations counts no orders');

SELECT set_eq($$ SELECT attname FROM pg_attribute a JOIN pg_trigger t ON t.tgrelid = a.attrelid AND a.attnum = ANY (t.tgattr)
                  WHERE t.tgrelid = 'oxe.traders'::regclass AND t.tgname = 'under_halt_lock' $$,
              $$ SELECT attname FROM pg_attribute WHERE attrelid = 'oxe.traders'::regclass AND attnum > 0
                    AND (has_column_privilege('oxe_operations', attrelid, attnum, 'UPDATE') OR attname IN ('currency', 'opening_cash')) $$,
              'what people change of an account is changed under the halts'' lock');

-- So is the opening of an account.
SELECT is(pg_temp.attempt('oxe_operations', $$ INSERT INTO oxe.traders (id, subject, cash, opening_cash) VALUES (pg_temp.trader(6), 'six', 5, 5) $$), 'ok', 'operations opens an account');
SELECT results_eq($$ SELECT actor, role, before, after ->> 'subject', after ->> 'opening_cash', after ->> 'max_open_orders', after ? 'reserved'
                       FROM oxe.limit_changes WHERE trader_id = pg_temp.trader(6) $$,
                  $$ VALUES ('olga', session_user::text COLLATE "default", '{}'::jsonb, 'six', '5.00000000', '1000', false) $$,
                  'who opened an account, and with what, is kept');

-- So is a change of the flag.
SELECT is(pg_temp.attempt('oxe_operations', $$ INSERT INTO oxe.flag_changes (percent) VALUES (25) $$), 'ok', 'operations sets the flag');
SELECT results_eq($$ SELECT percent, actor, role FROM oxe.flag_changes $$, $$ VALUES (25::smallint, 'olga', session_user::text COLLATE "default") $$,
                  'who set the flag is kept');
SELECT is(pg_temp.attempt('oxe_operations', format('INSERT INTO oxe.flag_changes (percent) VALUES (%s)', value)), '23514',
          format('the flag cannot be %s %%', value)) FROM unnest(ARRAY[-1, 101]) AS value;

SELECT * FROM finish();
ROLLBACK;
