BEGIN;
\ir support.psql
SELECT no_plan();

SELECT set_eq(
    $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'oxe'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition $$,
    ARRAY['instruments', 'last_prices', 'day_prices', 'traders', 'positions', 'orders', 'open_orders', 'fills', 'order_transitions',
          'outbox', 'lanes', 'heartbeats', 'halts', 'put_aside', 'commands', 'limit_changes', 'execution_logs', 'audit_state', 'audit_traders', 'audit_heads'],
    'the tables are these');
SELECT has_pk('oxe', relname, relname || ' has a primary key')
  FROM pg_class WHERE relnamespace = 'oxe'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname;
SELECT set_eq(
    $$ SELECT proname::text FROM pg_proc WHERE pronamespace = 'oxe'::regnamespace $$,
    ARRAY['us', 'ts', 'trading_day', 'trading_day_end', 'roll_day', 'check_order_transition', 'refuse_change',
          'refuse_other_writers', 'make_partitions', 'current_trader', 'record_limit_change'],
    'the functions are these');
SELECT is_empty(
    $$ SELECT proname FROM pg_proc WHERE pronamespace = 'oxe'::regnamespace AND prosecdef
        AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=oxe, pg_temp%', false) $$,
    'a function that runs as its owner has a fixed search path that ends in pg_temp');
SELECT set_eq($$ SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'oxe'
                  AND data_type = 'numeric' AND (numeric_precision, numeric_scale) <> (20, 8) $$,
              ARRAY[]::text[], 'money, prices and quantities are numeric(20,8)');
SELECT is_empty($$ SELECT table_name, column_name FROM information_schema.columns
                    WHERE table_schema = 'oxe' AND data_type IN ('real', 'double precision', 'money') $$,
                'nothing is a floating-point number');
SELECT is_empty($$ SELECT table_name, column_name FROM information_schema.columns
                    WHERE table_schema = 'oxe' AND data_type = 'timestamp without time zone' $$,
                'every moment has a time zone');
SELECT set_eq($$ SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'oxe.orders'::regclass $$,
              ARRAY['oxe.orders_pkey', 'oxe.orders_trader_id_idempotent_key_key', 'oxe.orders_trader_id_id_key'],
              'orders has three indexes, none on a column that changes, so that updates stay HOT');
SELECT is((SELECT seqcache FROM pg_sequence WHERE seqrelid = 'oxe.outbox_id'::regclass), 1::bigint,
          'outbox ids are not cached: they follow the row locks');

-- Time
SELECT is(oxe.ts(oxe.us(moment)), moment, 'the instant ' || moment || ' survives the way through microseconds')
  FROM unnest(ARRAY['1970-01-01 00:00:00+00', '2025-10-17 12:01:05.000001+00', '9999-12-31 23:59:59.999999+00']::timestamptz[]) AS moment;
SELECT is(oxe.trading_day(moment, 'America/New_York', start), day, format('%s is in the trading day %s that begins at %s', moment, day, start))
  FROM (VALUES ('2025-10-17 03:59:59+00'::timestamptz, '00:00'::time, '2025-10-16'::date),
               ('2025-10-17 04:00:00+00', '00:00', '2025-10-17'),
               ('2025-01-17 04:59:59+00', '00:00', '2025-01-16'),
               ('2025-10-16 22:00:00+00', '18:00', '2025-10-16'),
               ('2025-10-16 21:59:59+00', '18:00', '2025-10-15')) AS cases (moment, start, day);
SELECT is(oxe.trading_day_end(day, 'America/New_York', start), ends, format('the trading day %s ends at %s', day, ends))
  FROM (VALUES ('2025-10-17'::date, '00:00'::time, '2025-10-18 04:00:00+00'::timestamptz),
               ('2025-11-01', '00:00', '2025-11-02 04:00:00+00'),
               ('2025-11-02', '00:00', '2025-11-03 05:00:00+00'), -- 25 hours long
               ('2025-10-17', '18:00', '2025-10-18 22:00:00+00')) AS cases (day, start, ends);

-- A new trading day
INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1), ('MSFT', 'Microsoft', 0.01, 1);
INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 150), ('MSFT', 300);
SELECT pg_temp.new_trader(1) \g /dev/null
SELECT pg_temp.new_trader(2) \g /dev/null
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity) VALUES
    (pg_temp.trader(1), 'AAPL', 10, 10), (pg_temp.trader(1), 'MSFT', -2, -2);
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1)], '2026-01-05') \g /dev/null
SELECT is(day_start_equity, 1000900::numeric, 'equity at the start of a day is cash and positions at the opening prices')
  FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is(trading_day, NULL, 'who is not named is not rolled') FROM oxe.traders WHERE id = pg_temp.trader(2);
UPDATE oxe.last_prices SET price = 999;
UPDATE oxe.traders SET cash = 0;
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1), pg_temp.trader(2)], '2026-01-05') \g /dev/null
SELECT is(day_start_equity, 1000900::numeric, 'a day begins once') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is((SELECT price FROM oxe.day_prices WHERE symbol = 'AAPL' AND trading_day = '2026-01-05'), 150::numeric,
          'the first of a day sets its opening prices');
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1)], '2026-01-06') \g /dev/null
SELECT is(day_start_equity, (10 - 2) * 999::numeric, 'the next day begins anew') FROM oxe.traders WHERE id = pg_temp.trader(1);

SELECT * FROM finish();
ROLLBACK;
