-- The invariants of tests/support/invariants.sql: true of a sound database, and each one is seen when it breaks.
BEGIN;
\ir support.psql
SELECT no_plan();
\set invariants `cat "$OXE_SUPPORT/invariants.sql"`
CREATE TEMP VIEW broken AS :invariants;

INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1);
SELECT pg_temp.new_trader(n) FROM generate_series(1, 2) AS n \g /dev/null
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, open_buy) VALUES
    (pg_temp.trader(1), 'AAPL', 150, 50, 60), (pg_temp.trader(2), 'AAPL', -40, 0, 0);
-- 1 FILLED in two fills, 2 WORKING and PARTIAL, 3 refused, 4 cancelled after a fill (a sale)
SELECT pg_temp.new_order(1, pg_temp.trader(1), 'DONE', 'FILLED', quantity => 60) AS one \gset
SELECT pg_temp.new_order(2, pg_temp.trader(1), 'WORKING', 'PARTIAL', quantity => 100) AS two \gset
SELECT pg_temp.new_order(3, pg_temp.trader(2), 'DONE', 'REJECTED') AS three \gset
SELECT pg_temp.new_order(4, pg_temp.trader(2), 'DONE', 'CANCELLED', side => 'SELL') AS four \gset
INSERT INTO oxe.open_orders VALUES (0, :'two');
INSERT INTO oxe.fills VALUES
    (gen_random_uuid(), :'one', pg_temp.trader(1), 'AAPL', 'BUY', 20, 10.5, 'SIM', 'E1', NULL, now()),
    (gen_random_uuid(), :'one', pg_temp.trader(1), 'AAPL', 'BUY', 40, 11, 'SIM', 'E2', NULL, now()),
    (gen_random_uuid(), :'two', pg_temp.trader(1), 'AAPL', 'BUY', 40, 10, 'SIM', 'E3', NULL, now()),
    (gen_random_uuid(), :'four', pg_temp.trader(2), 'AAPL', 'SELL', 40, 10, 'SIM', 'E4', NULL, now());
UPDATE oxe.orders o SET (filled_quantity, filled_notional, average_price) =
    (SELECT sum(quantity_filled), sum(quantity_filled * price_at_fill), round(sum(quantity_filled * price_at_fill) / sum(quantity_filled), 8)
       FROM oxe.fills f WHERE f.order_id = o.id) WHERE id IN (:'one', :'two', :'four');
UPDATE oxe.orders SET reserved = 660, reserve_price = 11, reserve_quantity = 100 WHERE id = :'two';
UPDATE oxe.traders SET cash = 1000000 - 20 * 10.5 - 40 * 11 - 400, reserved = 660, open_orders = 1 WHERE id = pg_temp.trader(1);
UPDATE oxe.traders SET cash = 1000000 + 400 WHERE id = pg_temp.trader(2);

CREATE FUNCTION pg_temp.log(seq bigint, order_id uuid, trader uuid, trader_seq bigint, action oxe.audit_action, exec_id text DEFAULT NULL,
                            quantity numeric DEFAULT NULL, price numeric DEFAULT NULL, total numeric DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL ROLE oxe_audit;
    INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, venue, venue_exec_id, quantity, price,
                                    total_filled, actor, "timestamp", recorded_at, leaf_hash)
    VALUES (seq, gen_random_uuid(), order_id, trader, trader_seq, action, 'SIM', exec_id, quantity, price, total, 'test', now(),
            now() + seq * interval '1 microsecond', sha256('x'));
    RESET ROLE;
END
$$;
SELECT pg_temp.log(seq, order_id::uuid, pg_temp.trader(trader), trader_seq, action::oxe.audit_action, exec_id, quantity, price, total) FROM (VALUES
    (1, :'one', 1, 1, 'SUBMITTED', NULL, NULL, NULL, 0),
    (2, :'one', 1, 2, 'APPROVED', NULL, NULL, NULL, 0),
    (3, :'two', 1, 3, 'SUBMITTED', NULL, NULL, NULL, 0),
    (4, :'two', 1, 4, 'APPROVED', NULL, NULL, NULL, 0),
    (5, :'three', 2, 1, 'SUBMITTED', NULL, NULL, NULL, 0),
    (6, :'three', 2, 2, 'REJECTED', NULL, NULL, NULL, 0),
    (7, :'one', 1, 5, 'EXECUTED', NULL, NULL, NULL, 0),
    (8, :'one', 1, 6, 'FILLED', 'E1', 20, 10.5, 20),
    (9, :'one', 1, 7, 'FILLED', 'E2', 40, 11, 60),
    (10, :'two', 1, 8, 'EXECUTED', NULL, NULL, NULL, 0),
    (11, :'two', 1, 9, 'FILLED', 'E3', 40, 10, 40),
    (12, :'four', 2, 3, 'SUBMITTED', NULL, NULL, NULL, 0),
    (13, :'four', 2, 4, 'APPROVED', NULL, NULL, NULL, 0),
    (14, :'four', 2, 5, 'EXECUTED', NULL, NULL, NULL, 0),
    (15, :'four', 2, 6, 'FILLED', 'E4', 40, 10, 40),
    (16, :'four', 2, 7, 'CANCELLED', NULL, NULL, NULL, 40)
) AS entries (seq, order_id, trader, trader_seq, action, exec_id, quantity, price, total) ORDER BY seq \g /dev/null
SELECT pg_temp.log(17, NULL, NULL, NULL, 'HALTED') \g /dev/null
INSERT INTO oxe.audit_traders VALUES (pg_temp.trader(1), 9), (pg_temp.trader(2), 7);
UPDATE oxe.audit_state SET next_log_seq = 18, frontier = int8send(17) || sha256('a') || sha256('b'),
                           last_recorded_at = now() + interval '17 microseconds';

DELETE FROM oxe.outbox;
SELECT results_eq('SELECT name, detail FROM broken', 'SELECT NULL::text, NULL::text WHERE false', 'a sound database breaks nothing');

-- The names of what is broken after a statement, whose effects are taken back. The log's triggers stand aside for it.
CREATE FUNCTION pg_temp.breaks(statement text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    names text[];
BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE statement;
    SELECT array_agg(DISTINCT name ORDER BY name) INTO names FROM broken;
    RAISE EXCEPTION USING ERRCODE = 'OXE01', MESSAGE = coalesce(names, '{}')::text;
EXCEPTION WHEN SQLSTATE 'OXE01' THEN
    RETURN SQLERRM::text[];
END
$$;
CREATE TEMP TABLE cases (name text, statement text);
INSERT INTO cases VALUES
    ('filled_quantity_is_the_sum_of_fills', $$ UPDATE oxe.orders SET filled_quantity = 41 WHERE idempotent_key = 'key-2' $$),
    ('filled_notional_is_the_sum_of_fills', $$ UPDATE oxe.orders SET filled_notional = filled_notional + 0.000001 WHERE idempotent_key = 'key-1' $$),
    ('average_price_is_notional_by_quantity', $$ UPDATE oxe.orders SET average_price = NULL WHERE idempotent_key = 'key-1' $$),
    ('average_price_is_notional_by_quantity', $$ UPDATE oxe.orders SET average_price = 1 WHERE idempotent_key = 'key-3' $$),
    ('status_fits_filled_quantity', $$ UPDATE oxe.orders SET quantity = 61 WHERE idempotent_key = 'key-1' $$),
    ('status_fits_filled_quantity', $$ UPDATE oxe.orders SET status = 'PENDING' WHERE idempotent_key = 'key-2' $$),
    ('status_fits_filled_quantity', $$ UPDATE oxe.orders SET quantity = 40 WHERE idempotent_key = 'key-4' $$),
    ('no_order_is_overfilled_unflagged', $$ UPDATE oxe.orders SET quantity = 59 WHERE idempotent_key = 'key-1' $$),
    ('a_fill_is_its_orders', $$ UPDATE oxe.fills SET symbol = 'MSFT' WHERE venue_exec_id = 'E1' $$),
    ('an_execution_fills_once', $$ ALTER TABLE oxe.fills DROP CONSTRAINT fills_order_id_venue_venue_exec_id_key; UPDATE oxe.fills SET venue_exec_id = 'E1' WHERE venue_exec_id = 'E2' $$),
    ('cash_is_opening_cash_and_fills', $$ UPDATE oxe.traders SET cash = cash + 0.01 WHERE subject = 'trader-1' $$),
    ('cash_is_opening_cash_and_fills', $$ UPDATE oxe.traders SET opening_cash = 5 WHERE subject = 'trader-2' $$),
    ('position_is_opening_quantity_and_fills', $$ UPDATE oxe.positions SET quantity = 149 WHERE quantity = 150 $$),
    ('position_is_opening_quantity_and_fills', $$ DELETE FROM oxe.positions WHERE quantity = -40 $$),
    ('reserved_is_the_sum_of_open_orders', $$ UPDATE oxe.traders SET reserved = 661 WHERE subject = 'trader-1' $$),
    ('nothing_is_reserved_without_open_orders', $$ UPDATE oxe.traders SET reserved = 1 WHERE subject = 'trader-2' $$),
    ('open_orders_are_counted', $$ UPDATE oxe.traders SET open_orders = 0 WHERE subject = 'trader-1' $$),
    ('open_quantities_are_those_of_open_orders', $$ UPDATE oxe.positions SET open_buy = 61 WHERE open_buy = 60 $$),
    ('open_quantities_are_those_of_open_orders', $$ UPDATE oxe.positions SET open_sell = 1 WHERE quantity = -40 $$),
    ('reducing_quantities_are_what_open_orders_do_not_reserve', $$ UPDATE oxe.positions SET reducing_buy = 1 WHERE quantity = 150 $$),
    ('reducing_quantities_are_what_open_orders_do_not_reserve', $$ UPDATE oxe.orders SET reserve_quantity = 50 WHERE idempotent_key = 'key-2' $$),
    ('an_open_order_reserves_its_last_part', $$ UPDATE oxe.orders SET reserve_quantity = 50 WHERE idempotent_key = 'key-2' $$),
    ('open_orders_lists_what_is_not_done', $$ DELETE FROM oxe.open_orders $$),
    ('open_orders_lists_what_is_not_done', $$ INSERT INTO oxe.open_orders SELECT 0, id FROM oxe.orders WHERE idempotent_key = 'key-1' $$),
    ('open_orders_lists_what_is_not_done', $$ UPDATE oxe.open_orders SET lane = 1 $$),
    ('open_orders_lists_what_is_not_done', $$ UPDATE oxe.orders SET recalls = 1 WHERE idempotent_key = 'key-4' $$),
    ('every_order_was_submitted_once', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq = 1 $$),
    ('every_order_was_submitted_once', $$ UPDATE oxe.execution_logs SET action = 'SUBMITTED' WHERE log_seq = 7 $$),
    ('every_order_was_approved_or_rejected', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq = 4 $$),
    ('nothing_is_executed_before_it_is_approved', $$ UPDATE oxe.execution_logs SET action = CASE log_seq WHEN 2 THEN 'EXECUTED' ELSE 'APPROVED' END::oxe.audit_action WHERE log_seq IN (2, 7) $$),
    ('the_log_follows_causality', $$ UPDATE oxe.execution_logs SET action = CASE log_seq WHEN 7 THEN 'FILLED' ELSE 'EXECUTED' END::oxe.audit_action WHERE log_seq IN (7, 8) $$),
    ('the_log_follows_causality', $$ UPDATE oxe.execution_logs SET action = CASE log_seq WHEN 1 THEN 'APPROVED' ELSE 'SUBMITTED' END::oxe.audit_action WHERE log_seq IN (1, 2) $$),
    ('the_trail_is_complete', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq = 10 $$),
    ('the_trail_is_complete', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq = 16 $$),
    ('the_trail_is_complete', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq IN (8, 9) $$),
    ('the_trail_is_complete', $$ UPDATE oxe.execution_logs SET action = 'EXPIRED' WHERE log_seq = 11 $$),
    ('the_trail_is_complete', $$ UPDATE oxe.orders SET status = 'PENDING' WHERE idempotent_key = 'key-2' $$),
    ('each_fill_is_logged_once', $$ UPDATE oxe.execution_logs SET action = 'RETRIED' WHERE log_seq = 9 $$),
    ('each_fill_is_logged_once', $$ UPDATE oxe.execution_logs SET venue_exec_id = 'E1', quantity = 20, price = 10.5 WHERE log_seq = 9 $$),
    ('each_fill_is_logged_once', $$ UPDATE oxe.execution_logs SET quantity = 21 WHERE log_seq = 8 $$),
    ('each_fill_is_logged_once', $$ DELETE FROM oxe.fills WHERE venue_exec_id = 'E2' $$),
    ('total_filled_never_decreases', $$ UPDATE oxe.execution_logs SET total_filled = 5 WHERE log_seq = 9 $$),
    ('every_entry_is_of_an_order', $$ DELETE FROM oxe.orders WHERE idempotent_key = 'key-3' $$),
    ('every_entry_is_of_an_order', $$ UPDATE oxe.execution_logs SET trader_id = pg_temp.trader(2) WHERE log_seq = 1 $$),
    ('audit_state_is_the_end_of_the_log', $$ DELETE FROM oxe.execution_logs WHERE log_seq = 17 $$),
    ('log_seq_has_no_gap', $$ DELETE FROM oxe.execution_logs WHERE log_seq = 1 $$),
    ('log_seq_has_no_gap', $$ UPDATE oxe.execution_logs SET log_seq = 99 WHERE log_seq = 5 $$),
    ('log_seq_has_no_gap', $$ UPDATE oxe.execution_logs SET log_seq = 16 WHERE log_seq = 15 $$),
    ('an_event_is_recorded_once', $$ UPDATE oxe.execution_logs SET event_id = (SELECT event_id FROM oxe.execution_logs WHERE log_seq = 1) WHERE log_seq = 2 $$),
    ('audit_state_is_the_end_of_the_log', $$ UPDATE oxe.audit_state SET next_log_seq = 19 $$),
    ('audit_state_is_the_end_of_the_log', $$ UPDATE oxe.audit_state SET frontier = int8send(16) || sha256('a') $$),
    ('audit_state_is_the_end_of_the_log', $$ UPDATE oxe.audit_state SET last_recorded_at = now() $$),
    ('recorded_at_never_decreases', $$ UPDATE oxe.execution_logs SET recorded_at = now() WHERE log_seq = 9 $$),
    ('trader_seq_has_no_gap', $$ UPDATE oxe.execution_logs SET trader_seq = 99 WHERE log_seq = 16 $$),
    ('trader_seq_has_no_gap', $$ UPDATE oxe.audit_traders SET last_seq = 10 WHERE last_seq = 9 $$),
    ('trader_seq_has_no_gap', $$ DELETE FROM oxe.audit_traders WHERE last_seq = 9 $$),
    ('trader_seq_follows_log_seq', $$ UPDATE oxe.execution_logs SET trader_seq = CASE log_seq WHEN 8 THEN 7 ELSE 6 END WHERE log_seq IN (8, 9) $$),
    ('a_traders_entries_are_numbered', $$ UPDATE oxe.execution_logs SET trader_seq = NULL WHERE log_seq = 16 $$),
    ('pairs_cover_no_more_than_their_entry_filled', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 61 WHERE idempotent_key = 'key-4' $$),
    ('legs_close_no_more_than_is_held', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 41 WHERE idempotent_key = 'key-2' $$),
    ('open_legs_lists_the_legs_that_protect', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 41 WHERE idempotent_key = 'key-2' $$),
    ('open_legs_lists_the_legs_that_protect', $$ INSERT INTO oxe.open_legs SELECT trader_id, symbol, side, id FROM oxe.orders WHERE idempotent_key = 'key-2' $$),
    ('legs_are_as_the_entry_asked', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 40 WHERE idempotent_key = 'key-4' $$),
    ('a_pair_agrees_on_what_it_covers', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'),
        sibling_order_id = (SELECT id FROM oxe.orders other WHERE other.idempotent_key = CASE orders.idempotent_key WHEN 'key-2' THEN 'key-4' ELSE 'key-2' END),
        trader_id = pg_temp.trader(1), side = 'SELL', protects_quantity = CASE idempotent_key WHEN 'key-2' THEN 1 ELSE 2 END WHERE idempotent_key IN ('key-2', 'key-4') $$),
    ('an_open_leg_has_what_its_pair_has_left', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 99 WHERE idempotent_key = 'key-2' $$),
    ('no_pair_is_executed_twice_unflagged', $$ UPDATE oxe.orders SET parent_order_id = (SELECT id FROM oxe.orders WHERE idempotent_key = 'key-1'), protects_quantity = 39 WHERE idempotent_key = 'key-2' $$),
    ('the_outbox_is_empty', $$ INSERT INTO oxe.outbox (batch) VALUES ('') $$);
SELECT ok(name = ANY (pg_temp.breaks(statement)), name || ' is seen after:' || statement) FROM cases;
SELECT set_eq('SELECT DISTINCT name FROM cases',
              ARRAY(SELECT found[1] FROM regexp_matches(:'invariants', 'SELECT ''([a-z_]+)''', 'g') AS found),
              'each invariant has a case here');
-- An exchange may number the executions of each order anew: an id counts within its order and venue.
SELECT is(pg_temp.breaks($$ UPDATE oxe.fills SET venue_exec_id = 'E1' WHERE venue_exec_id = 'E3';
                            UPDATE oxe.execution_logs SET venue_exec_id = 'E1' WHERE venue_exec_id = 'E3' $$), '{}'::text[],
          'one execution id in two orders breaks nothing');
SELECT is((SELECT count(*) FROM broken), 0::bigint, 'the cases left nothing behind');

SELECT * FROM finish();
ROLLBACK;
