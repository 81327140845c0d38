BEGIN;
\ir support.psql
SELECT no_plan();

SELECT set_eq(
    $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'oxe'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition $$,
    ARRAY['instruments', 'last_prices', 'day_prices', 'bars', 'bars_counted', 'traders', 'positions', 'orders', 'open_orders', 'open_legs', 'fills', 'order_transitions',
          'outbox', 'lane_resyncs', 'lanes', 'heartbeats', 'halts', 'put_aside', 'commands', 'limit_changes', 'flag_changes', 'execution_logs', 'audit_state', 'audit_traders', 'audit_checkpoints', 'audit_published', 'audit_stamps', 'audit_tiles', 'audit_archives', 'audit_archived_leaves', 'backups'],
    'the tables are these');
SELECT has_pk('oxe', relname, relname || ' has a primary key')
  FROM pg_class WHERE relnamespace = 'oxe'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname;
SELECT set_eq(
    $$ SELECT proname::text FROM pg_proc WHERE pronamespace = 'oxe'::regnamespace $$,
    ARRAY['us', 'ts', 'trading_day', 'trading_day_end', 'roll_day', 'expect_written', 'check_order_transition', 'refuse_change',
          'refuse_other_writers', 'refuse_rewriting', 'make_partitions', 'archive_month', 'tell_key', 'note_key', 'tell_archive', 'current_trader', 'record_limit_change', 'record_opening', 'open_first_price',
          'log_seq_before', 'trader_seq_at', 'margin', 'account_risk', 'lock_halts', 'plain', 'cut', 'differences', 'event_id', 'tell_operation', 'tell_account', 'tell_position',
          'tell_instrument', 'tell_halt', 'tell_resync', 'tell_flag', 'bars_at', 'first_id_at'],
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
              ARRAY['oxe.orders_pkey', 'oxe.orders_trader_id_idempotent_key_key', 'oxe.orders_trader_id_id_key', 'oxe.orders_of_parent'],
              'orders has four indexes, none on a column that changes, so that updates stay HOT');
SELECT is((SELECT seqcache FROM pg_sequence WHERE seqrelid = 'oxe.outbox_id'::regclass), 1::bigint,
          'outbox ids are not cached: they follow the row locks');

-- Margin: 10 short at 100 are 1,500; what was to reduce and does no longer is in it.
SELECT is(oxe.margin(quantity, buy, sell, price, pct), expected,
          format('the margin of %s, %s to be bought back and %s to be sold at %s with %s %% is %s', quantity, buy, sell, price, pct, expected))
  FROM (VALUES (-10, 0, 0, 100, 150, 1500), (-10, 4, 0, 100, 150, 1500), (10, 0, 0, 100, 150, 0), (10, 0, 10, 100, 150, 0),
               (4, 0, 10, 100, 150, 300), (0, 10, 0, 100, 150, 1500), (-4, 10, 3, 100, 150, 1650), (-10, 0, 0, 100, 100, 1000),
               (-0.00000001, 0, 0, 0.5, 150, 0.00000001), (-1, 0, 0, NULL, 150, NULL)) AS cases (quantity, buy, sell, price, pct, expected);

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

-- Across changes of the clock (New York: 2025-11-02 is 25 hours long, 2026-03-08 is 23), also where the day begins at a moment that
-- the clock skips or shows twice: each quarter of an hour lies between the beginning and the end of its day, and days follow each other.
SELECT is_empty(format($$
    SELECT at, day FROM (SELECT at, oxe.trading_day(at, %1$L, %2$L) AS day
                           FROM generate_series(%3$L::timestamptz, %3$L::timestamptz + interval '4 days', '15 minutes') AS at) AS days
     WHERE at < oxe.trading_day_end(day - 1, %1$L, %2$L) OR at >= oxe.trading_day_end(day, %1$L, %2$L) $$, tz, start, begins),
    format('every moment from %s on in %s is in the day that has begun at %s', begins, tz, start))
  FROM unnest(ARRAY['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC']) AS tz,
       unnest(ARRAY['00:00', '01:30', '02:00', '02:30', '03:00', '18:00', '23:45']) AS start,
       unnest(ARRAY['2025-10-24', '2025-10-31', '2026-03-06', '2026-03-27', '2026-04-03']) AS begins;
SELECT is(oxe.trading_day(moment, 'America/New_York', start), day, format('%s is in the trading day %s that begins at %s', moment, day, start))
  FROM (VALUES ('2025-11-02 03:59:59+00'::timestamptz, '00:00'::time, '2025-11-01'::date), -- still summer time
               ('2025-11-02 04:00:00+00', '00:00', '2025-11-02'),
               ('2025-11-03 04:59:59+00', '00:00', '2025-11-02'), -- an hour later by UTC
               ('2025-11-03 05:00:00+00', '00:00', '2025-11-03'),
               ('2026-03-08 04:59:59+00', '00:00', '2026-03-07'),
               ('2026-03-08 05:00:00+00', '00:00', '2026-03-08'),
               ('2026-03-09 03:59:59+00', '00:00', '2026-03-08'),
               ('2026-03-09 04:00:00+00', '00:00', '2026-03-09'),
               ('2025-11-02 05:45:00+00', '01:30', '2025-11-01'), -- 01:30 comes twice: the second one counts
               ('2025-11-02 06:15:00+00', '01:30', '2025-11-01'),
               ('2025-11-02 06:30:00+00', '01:30', '2025-11-02'),
               ('2026-03-08 07:15:00+00', '02:30', '2026-03-07'), -- 02:30 does not come: an hour later
               ('2026-03-08 07:30:00+00', '02:30', '2026-03-08')) AS cases (moment, start, day);

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
UPDATE oxe.traders SET cash = 0, daily_notional = 5;
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1), pg_temp.trader(2)], '2026-01-05') \g /dev/null
SELECT is(day_start_equity, 1000900::numeric, 'a day begins once') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is(ARRAY(SELECT daily_notional FROM oxe.traders ORDER BY id), '{5, 0}', 'who is rolled begins to count, who is there already goes on');
SELECT is((SELECT price FROM oxe.day_prices WHERE symbol = 'AAPL' AND trading_day = '2026-01-05'), 150::numeric,
          'the first of a day sets its opening prices');
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1)], '2026-01-06') \g /dev/null
SELECT is(day_start_equity, (10 - 2) * 999::numeric, 'the next day begins anew') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is(daily_notional, 0::numeric, 'with nothing ordered') FROM oxe.traders WHERE id = pg_temp.trader(1);

-- A symbol whose first price comes after the day was rolled opens at it, for those who are rolled and for those who come later.
INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('NEW', 'New', 0.01, 1);
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity) VALUES
    (pg_temp.trader(1), 'NEW', 5, 5), (pg_temp.trader(2), 'NEW', -3, -3);
SELECT oxe.roll_day(ARRAY[pg_temp.trader(1)], '2026-01-07') \g /dev/null
SELECT is(day_start_equity, 8 * 999::numeric, 'what has no price yet counts nothing') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is(pg_temp.attempt('oxe_executor', $$ INSERT INTO oxe.last_prices VALUES ('NEW', 20) ON CONFLICT (symbol) DO UPDATE SET price = 20 $$),
          'ok', 'executor writes the first price');
SELECT is(day_start_equity, 8 * 999 + 5 * 20::numeric, 'who is rolled starts at the first price') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT is(day_start_equity, 0::numeric, 'who is not rolled, not yet') FROM oxe.traders WHERE id = pg_temp.trader(2);
SELECT is(pg_temp.attempt('oxe_executor', $$ INSERT INTO oxe.last_prices VALUES ('NEW', 30) ON CONFLICT (symbol) DO UPDATE SET price = 30 $$),
          'ok', 'executor writes the second price');
SELECT is(day_start_equity, 8 * 999 + 5 * 20::numeric, 'a second price changes nothing') FROM oxe.traders WHERE id = pg_temp.trader(1);
SELECT oxe.roll_day(ARRAY[pg_temp.trader(2)], '2026-01-07') \g /dev/null
SELECT is(day_start_equity, -3 * 20::numeric, 'who is rolled later has the same opening price') FROM oxe.traders WHERE id = pg_temp.trader(2);

SELECT * FROM finish();
ROLLBACK;
