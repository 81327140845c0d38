-- What operations change is left in the outbox for the audit log, whoever does it and by whatever client; what services do is not told twice.
BEGIN;
\ir support.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.me() RETURNS text LANGUAGE sql AS $$ SELECT session_user::text COLLATE "default" $$;
-- What a statement of a role leaves in the outbox, without the role's name, which every message ends with.
CREATE FUNCTION pg_temp.told(role name, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM oxe.outbox;
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE statement;
    RESET ROLE;
    RETURN QUERY SELECT concat_ws(' | ', (operation).action, right((operation).trader_id::text, 1), (operation).symbol,
                                  trim_scale((operation).quantity), (operation).reason, (operation).actor,
                                  replace((operation).message, 'role: ' || pg_temp.me(), 'role'))
                   FROM oxe.outbox ORDER BY id;
END
$$;
SELECT set_config('oxe.actor', 'olga', true), set_config('oxe.reason', '', true) \g /dev/null
INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1);
SELECT pg_temp.new_trader(n) FROM generate_series(1, 2) AS n \g /dev/null
INSERT INTO oxe.positions (trader_id, symbol) VALUES (pg_temp.trader(1), 'AAPL');

SELECT is(ARRAY(SELECT pg_temp.told(coalesce(role, pg_temp.me()), statement)), expected, statement) FROM (VALUES
    ('oxe_operations', $$ INSERT INTO oxe.traders (id, subject, cash, opening_cash) VALUES (pg_temp.trader(3), 'three', 5.5, 5.5) $$,
     ARRAY['ACCOUNT_OPENED | 3 | olga | currency: USD, daily_loss: 100000, max_daily_notional: 0, max_open_orders: 1000, max_order_notional: 1000000, '
           'max_order_quantity: 10000, max_position_quantity: 100000, opening_cash: 5.5, orders_per_minute: 100, '
           'price_collar_pct: 10, short_margin_pct: 150, short_selling: false, status: ACTIVE, subject: three, role']),
    ('oxe_operations', $$ UPDATE oxe.traders SET daily_loss = 7.5, short_selling = true, max_open_orders = 1000 WHERE id = pg_temp.trader(1) $$,
     ARRAY['LIMITS_CHANGED | 1 | olga | daily_loss: 100000 → 7.5, short_selling: false → true, role']),
    ('oxe_operations', $$ UPDATE oxe.traders SET status = 'SUSPENDED', orders_per_minute = 0 WHERE id = pg_temp.trader(1) $$,
     ARRAY['ACCOUNT_CHANGED | 1 | olga | status: ACTIVE → SUSPENDED, role', 'LIMITS_CHANGED | 1 | olga | orders_per_minute: 100 → 0, role']),
    ('oxe_operations', $$ UPDATE oxe.traders SET daily_loss = daily_loss $$, '{}'),
    (NULL, $$ UPDATE oxe.traders SET cash = 7, subject = 'eve' WHERE id = pg_temp.trader(2) $$,
     ARRAY['ACCOUNT_CHANGED | 2 | olga | cash: 1000000 → 7, subject: trader-2 → eve, role']),
    (NULL, $$ UPDATE oxe.traders SET trading_day = '2026-01-05', day_start_equity = 7 $$, '{}'),
    ('oxe_operations', $$ UPDATE oxe.traders SET max_daily_notional = 2.5 WHERE id = pg_temp.trader(1) $$,
     ARRAY['LIMITS_CHANGED | 1 | olga | max_daily_notional: 0 → 2.5, role']),
    (NULL, $$ UPDATE oxe.traders SET daily_notional = 3 WHERE id = pg_temp.trader(1) $$,
     ARRAY['ACCOUNT_CHANGED | 1 | olga | daily_notional: 0 → 3, role']),
    ('oxe_risk', $$ UPDATE oxe.traders SET daily_notional = 4 WHERE id = pg_temp.trader(1) $$, '{}'),
    (NULL, $$ INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity) VALUES (pg_temp.trader(2), 'AAPL', 5, 5) $$,
     ARRAY['ACCOUNT_CHANGED | 2 | AAPL | 5 | POSITION | olga | cost: 0, opening_quantity: 5, quantity: 5, role']),
    (NULL, $$ UPDATE oxe.positions SET quantity = 6.25 WHERE trader_id = pg_temp.trader(2) $$,
     ARRAY['ACCOUNT_CHANGED | 2 | AAPL | 6.25 | POSITION | olga | quantity: 5 → 6.25, role']),
    (NULL, $$ DELETE FROM oxe.positions WHERE trader_id = pg_temp.trader(2) $$,
     ARRAY['ACCOUNT_CHANGED | 2 | AAPL | 0 | POSITION | olga | cost: 0 → none, '
           'opening_quantity: 5 → none, quantity: 6.25 → none, role']),
    ('oxe_operations', $$ INSERT INTO oxe.flag_changes (percent) VALUES (25) $$,
     ARRAY['FLAG_CHANGED | olga | ORDER_EXECUTION_V2_ENABLED: none → 25 %, role']),
    (NULL, $$ INSERT INTO oxe.lanes (lane) VALUES (3) $$, '{}'),
    ('oxe_operations', $$ INSERT INTO oxe.lane_resyncs (lane, reason) VALUES (3, 'a drill') $$,
     ARRAY['LANE_RESYNCED | ASKED | olga | lane: 3, reason: a drill, role']),
    ('oxe_executor', $$ UPDATE oxe.lane_resyncs SET done_at = now(), done_by = 'executor-0', from_in_seq = 7 $$,
     ARRAY['LANE_RESYNCED | DONE | executor-0 | lane: 3, in_seq: 7 → 0, asked by: olga, role']),
    (NULL, $$ SELECT set_config('oxe.actor', 'olga', true) $$, '{}'),
    ('oxe_operations', $$ INSERT INTO oxe.flag_changes (percent) VALUES (100) $$,
     ARRAY['FLAG_CHANGED | olga | ORDER_EXECUTION_V2_ENABLED: 25 % → 100 %, role']),
    (NULL, $$ UPDATE oxe.flag_changes SET percent = 1 WHERE percent = 25 $$, ARRAY['FLAG_CHANGED | olga | percent: 25 → 1, role']),
    (NULL, $$ UPDATE oxe.instruments SET tradable = false, updated_at = clock_timestamp() $$,
     ARRAY['INSTRUMENT_CHANGED | AAPL | olga | tradable: true → false, role']),
    (NULL, $$ UPDATE oxe.instruments SET updated_at = clock_timestamp() $$, '{}'),
    (NULL, $$ INSERT INTO oxe.halts VALUES (gen_random_uuid(), 'SYMBOL', NULL, 'AAPL', 'a rumour', 'psql', now()) $$,
     ARRAY['HALTED | AAPL | SYMBOL | olga | a rumour, role']),
    (NULL, $$ DELETE FROM oxe.halts $$, ARRAY['RESUMED | AAPL | SYMBOL | olga | a rumour, role']),
    -- The services tell of these themselves, in their batches.
    ('oxe_executor', $$ UPDATE oxe.traders SET cash = cash - 1, reserved = 1 $$, '{}'),
    ('oxe_executor', $$ UPDATE oxe.positions SET quantity = 9, cost = 9 $$, '{}'),
    ('oxe_risk', $$ UPDATE oxe.traders SET reserved = 2, open_orders = 1 $$, '{}'),
    ('oxe_risk', $$ INSERT INTO oxe.halts VALUES (gen_random_uuid(), 'ALL', NULL, NULL, 'told', 'olga', now()) $$, '{}'),
    ('oxe_risk', $$ DELETE FROM oxe.halts $$, '{}')
) AS cases (role, statement, expected);

SELECT set_config('oxe.reason', 'by phone, ticket 17', true) \g /dev/null
SELECT is(ARRAY(SELECT pg_temp.told('oxe_operations', 'UPDATE oxe.traders SET max_open_orders = 3 WHERE id = pg_temp.trader(1)')),
          ARRAY['LIMITS_CHANGED | 1 | olga | max_open_orders: 1000 → 3, role, reason: by phone, ticket 17'], 'a reason that is given is told');
SELECT is((SELECT (operation).message FROM oxe.outbox), 'max_open_orders: 1000 → 3, role: ' || session_user || ', reason: by phone, ticket 17',
          'and as which role PostgreSQL let the client in');
SELECT set_config('oxe.actor', '', true), set_config('oxe.reason', '', true) \g /dev/null
SELECT pg_temp.told('oxe_operations', 'UPDATE oxe.traders SET max_open_orders = 4 WHERE id = pg_temp.trader(1)') \g /dev/null
SELECT is((SELECT (operation).actor FROM oxe.outbox), pg_temp.me(), 'a client that names nobody acts as its role');
SELECT ok((SELECT (operation).event_id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]'
                  AND abs(('x' || replace(left((operation).event_id::text, 13), '-', ''))::bit(48)::bigint
                          - extract(epoch FROM (operation).occurred_at) * 1000) <= 1 FROM oxe.outbox), 'its id is a UUIDv7 of that moment');

-- Nothing is lost to the bounds of a message.
SELECT set_config('oxe.actor', repeat('€', 100), true), set_config('oxe.reason', repeat('ä', 700) || repeat('x', 600), true) \g /dev/null
SELECT pg_temp.told('oxe_operations', 'UPDATE oxe.traders SET max_open_orders = 5 WHERE id = pg_temp.trader(1)') \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM oxe.outbox), '>', 3::bigint, 'a long reason takes several entries');
SELECT is((SELECT string_agg((operation).message, '' ORDER BY id) FROM oxe.outbox),
          'max_open_orders: 4 → 5, role: ' || session_user || 'reason: ' || repeat('ä', 700) || repeat('x', 600), 'which together have all of it');
SELECT ok((SELECT bool_and(octet_length((operation).message) <= 512 AND octet_length((operation).actor) <= 128) FROM oxe.outbox),
          'and each fits its bounds');
SELECT is((SELECT max((operation).actor) FROM oxe.outbox), repeat('€', 42), 'an actor is cut between its letters');

SELECT * FROM finish();
ROLLBACK;
