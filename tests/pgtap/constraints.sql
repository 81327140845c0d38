BEGIN;
\ir support.psql
SELECT no_plan();

INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1);
SELECT pg_temp.new_trader(1) \g /dev/null
SELECT pg_temp.new_order(1, pg_temp.trader(1)) \g /dev/null
SELECT pg_temp.new_order(2, pg_temp.trader(1), 'DONE', 'CANCELLED') \g /dev/null

-- Each rule of a table: the statement that breaks it and the class of refusal. 23502 not null, 23503 foreign key, 23505 unique,
-- 23514 check.
SELECT throws_ok(statement, state, NULL, fact) FROM (VALUES
    ('23514', 'a symbol is of capitals, digits, points and hyphens', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('aapl', 'x', 1, 1) $$),
    ('23514', 'a symbol is at most 16 long', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('ABCDEFGHIJKLMNOPQ', 'x', 1, 1) $$),
    ('23514', 'a tick is positive', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('X', 'x', 0, 1) $$),
    ('23514', 'a lot is positive', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('X', 'x', 1, 0) $$),
    ('23514', 'a currency has three letters', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size, currency) VALUES ('X', 'x', 1, 1, 'usd') $$),
    ('23505', 'an instrument is there once', $$ INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'x', 1, 1) $$),
    ('23503', 'a price is of an instrument', $$ INSERT INTO oxe.last_prices (symbol, price) VALUES ('NONE', 1) $$),
    ('23514', 'a price is positive', $$ INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 0) $$),
    ('23503', 'an opening price is of an instrument', $$ INSERT INTO oxe.day_prices VALUES ('2026-01-05', 'NONE', 1) $$),
    ('23505', 'a subject has one account', $$ INSERT INTO oxe.traders (id, subject) VALUES (pg_temp.trader(9), 'trader-1') $$),
    ('23514', 'a subject has at most 128 bytes', $$ INSERT INTO oxe.traders (id, subject) VALUES (pg_temp.trader(9), repeat('x', 129)) $$),
    ('23514', 'a daily loss limit is positive', $$ UPDATE oxe.traders SET daily_loss = 0 $$),
    ('23514', 'a position limit is positive', $$ UPDATE oxe.traders SET max_position_quantity = 0 $$),
    ('23514', 'an order limit is positive', $$ UPDATE oxe.traders SET max_order_quantity = 0 $$),
    ('23514', 'a notional limit is positive', $$ UPDATE oxe.traders SET max_order_notional = 0 $$),
    ('23514', 'a limit of open orders is positive', $$ UPDATE oxe.traders SET max_open_orders = 0 $$),
    ('23514', 'a limit of a day is not negative', $$ UPDATE oxe.traders SET max_daily_notional = -0.00000001 $$),
    ('23514', 'a limit of a day can be counted', $$ UPDATE oxe.traders SET max_daily_notional = 10000000000 $$),
    ('23514', 'a limit of a day is a number', $$ UPDATE oxe.traders SET max_daily_notional = 'NaN' $$),
    ('23514', 'a day''s orders are not negative', $$ UPDATE oxe.traders SET daily_notional = -0.00000001 $$),
    ('23514', 'a day''s orders can be counted', $$ UPDATE oxe.traders SET daily_notional = 90000000000.00000001 $$),
    ('23514', 'a margin covers the short', $$ UPDATE oxe.traders SET short_margin_pct = 99.99999999 $$),
    ('23514', 'a margin has an end', $$ UPDATE oxe.traders SET short_margin_pct = 1000.00000001 $$),
    ('23514', 'a margin is a number', $$ UPDATE oxe.traders SET short_margin_pct = 'NaN' $$),
    ('23514', 'a collar is positive', $$ UPDATE oxe.traders SET price_collar_pct = 0 $$),
    ('23514', 'an order rate is not negative', $$ UPDATE oxe.traders SET orders_per_minute = -1 $$),
    ('23514', 'cash is a number', $$ UPDATE oxe.traders SET cash = 'NaN' $$),
    ('23514', 'an account begins with a number', $$ INSERT INTO oxe.traders (id, subject, opening_cash) VALUES (pg_temp.trader(9), 'nine', 'NaN') $$),
    ('23514', 'an account begins with what can be counted', $$ INSERT INTO oxe.traders (id, subject, opening_cash) VALUES (pg_temp.trader(9), 'nine', 10000000000) $$),
    ('23514', 'a debt likewise', $$ INSERT INTO oxe.traders (id, subject, opening_cash) VALUES (pg_temp.trader(9), 'nine', -10000000000) $$),
    ('23514', 'a tick is a number', $$ UPDATE oxe.instruments SET tick_size = 'NaN' $$),
    ('23514', 'a lot is a number', $$ UPDATE oxe.instruments SET lot_size = 'NaN' $$),
    ('23514', 'a price is a number', $$ INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 'NaN') $$),
    ('23514', 'a position is a number', $$ INSERT INTO oxe.positions (trader_id, symbol, quantity) VALUES (pg_temp.trader(1), 'AAPL', 'NaN') $$),
    ('23514', 'its beginning is one', $$ INSERT INTO oxe.positions (trader_id, symbol, opening_quantity) VALUES (pg_temp.trader(1), 'AAPL', 'NaN') $$),
    ('23514', 'and its cost', $$ INSERT INTO oxe.positions (trader_id, symbol, cost) VALUES (pg_temp.trader(1), 'AAPL', 'NaN') $$),
    ('23503', 'a position is a trader''s', $$ INSERT INTO oxe.positions (trader_id, symbol) VALUES (pg_temp.trader(9), 'AAPL') $$),
    ('23503', 'a position is of an instrument', $$ INSERT INTO oxe.positions (trader_id, symbol) VALUES (pg_temp.trader(1), 'NONE') $$),
    ('23503', 'an order is a trader''s', $$ SELECT pg_temp.new_order(9, pg_temp.trader(9)) $$),
    ('23505', 'an idempotency key makes one order of a trader', $$ INSERT INTO oxe.orders SELECT (o).* FROM (SELECT jsonb_populate_record(o, '{"id": "00000000-0000-7000-9000-000000000077"}') AS o FROM oxe.orders o WHERE id = '00000000-0000-7000-9000-000000000001') AS copy $$),
    ('23514', 'a quantity is positive', $$ SELECT pg_temp.new_order(9, pg_temp.trader(1), quantity => 0) $$),
    ('23514', 'a limit order has a price', $$ UPDATE oxe.orders SET order_type = 'LIMIT' $$),
    ('23514', 'an order''s price is positive', $$ UPDATE oxe.orders SET price = 0 $$),
    ('23514', 'a stop loss is positive', $$ UPDATE oxe.orders SET stop_loss = 0 $$),
    ('23514', 'a take profit is positive', $$ UPDATE oxe.orders SET take_profit = 0 $$),
    ('23514', 'a DONE order is not PENDING', $$ SELECT pg_temp.new_order(9, pg_temp.trader(1), 'DONE', 'PENDING') $$),
    ('23514', 'a WORKING order is not FILLED', $$ SELECT pg_temp.new_order(9, pg_temp.trader(1), 'WORKING', 'FILLED') $$),
    ('23514', 'a DONE order reserves nothing', $$ UPDATE oxe.orders SET reserved = 1 WHERE execution_state = 'DONE' $$),
    ('23514', 'nothing negative is reserved', $$ UPDATE oxe.orders SET reserved = -1 $$),
    ('23514', 'a reserve price is not negative', $$ UPDATE oxe.orders SET reserve_price = -1 $$),
    ('23514', 'a reserve quantity is not negative', $$ UPDATE oxe.orders SET reserve_quantity = -1 $$),
    ('23514', 'nothing negative is filled', $$ UPDATE oxe.orders SET filled_quantity = -1 $$),
    ('23514', 'a filled notional is not negative', $$ UPDATE oxe.orders SET filled_notional = -1 $$),
    ('23514', 'attempts are not negative', $$ UPDATE oxe.orders SET attempts = -1 $$),
    ('23514', 'a lane is not negative', $$ UPDATE oxe.orders SET lane = -1 $$),
    ('23514', 'an idempotency key has no blanks', $$ UPDATE oxe.orders SET idempotent_key = 'a b' $$),
    ('23514', 'an idempotency key is at most 128 long', $$ UPDATE oxe.orders SET idempotent_key = repeat('x', 129) $$),
    ('23514', 'a fingerprint has 32 bytes', $$ UPDATE oxe.orders SET fingerprint = 'x' $$),
    ('23514', 'a trace id has 16 bytes', $$ UPDATE oxe.orders SET trace_id = 'x' $$),
    ('23514', 'a reason is a code', $$ UPDATE oxe.orders SET reason = repeat('x', 65) $$),
    ('23503', 'a parent is an order', $$ UPDATE oxe.orders SET parent_order_id = pg_temp.trader(5) $$),
    ('23503', 'a fill is an order''s', $$ INSERT INTO oxe.fills VALUES (pg_temp.trader(1), pg_temp.trader(5), pg_temp.trader(1), 'AAPL', 'BUY', 1, 1, 'SIM', 'E', NULL, now()) $$),
    ('23514', 'a lane number is not negative', $$ INSERT INTO oxe.lanes (lane) VALUES (-1) $$),
    ('23503', 'a command is about an order', $$ INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at) VALUES (pg_temp.trader(1), 0, pg_temp.trader(5), 'CANCEL', 'me', now()) $$),
    ('23514', 'a cancel has no action', $$ SELECT pg_temp.new_command('CANCEL', 'RETRY', 'why') $$),
    ('23514', 'a cancel has no action, also without a reason', $$ SELECT pg_temp.new_command('CANCEL', 'RETRY', NULL) $$),
    ('23514', 'a cancel has no reason', $$ SELECT pg_temp.new_command('CANCEL', NULL, 'why') $$),
    ('23514', 'a cancel has no figures', $$ SELECT pg_temp.new_command('CANCEL', NULL, NULL, 1, 1, 'E') $$),
    ('23514', 'a resolve has an action', $$ SELECT pg_temp.new_command('RESOLVE', NULL, 'why') $$),
    ('23514', 'a resolve has a reason', $$ SELECT pg_temp.new_command('RESOLVE', 'RETRY', NULL) $$),
    ('23514', 'the reason of a resolve is not empty', $$ SELECT pg_temp.new_command('RESOLVE', 'RETRY', '') $$),
    ('23514', 'the reason of a resolve is at most 500 long', $$ SELECT pg_temp.new_command('RESOLVE', 'RETRY', repeat('x', 501)) $$),
    ('23514', 'a resolve that is no FILL has no figures', $$ SELECT pg_temp.new_command('RESOLVE', 'REJECT', 'why', 1) $$),
    ('23514', 'a FILL has a quantity', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', NULL, 1, 'E') $$),
    ('23514', 'a FILL has a price', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 1, NULL, 'E') $$),
    ('23514', 'a FILL has the exchange''s id', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 1, 1, NULL) $$),
    ('23514', 'the exchange''s id is at most 64 long', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 1, 1, repeat('x', 65)) $$),
    ('23514', 'a FILL''s quantity is positive', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 0, 1, 'E') $$),
    ('23514', 'a FILL''s price is positive', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 1, 0, 'E') $$),
    ('23514', 'a halt of a trader names it', $$ INSERT INTO oxe.halts VALUES (pg_temp.trader(1), 'TRADER', NULL, NULL, 'why', 'me', now()) $$),
    ('23514', 'a halt of a symbol names it', $$ INSERT INTO oxe.halts VALUES (pg_temp.trader(1), 'SYMBOL', NULL, NULL, 'why', 'me', now()) $$),
    ('23514', 'a halt of all names nobody', $$ INSERT INTO oxe.halts VALUES (pg_temp.trader(1), 'ALL', NULL, 'AAPL', 'why', 'me', now()) $$),
    ('23514', 'a halt has a reason', $$ INSERT INTO oxe.halts VALUES (pg_temp.trader(1), 'ALL', NULL, NULL, '', 'me', now()) $$),
    ('23505', 'audit_state has one row', $$ INSERT INTO oxe.audit_state DEFAULT VALUES $$),
    ('23514', 'audit_state has one row, of this key only', $$ INSERT INTO oxe.audit_state (one) VALUES (false) $$),
    ('23514', 'a checkpoint covers no fewer than 0', $$ SET LOCAL ROLE oxe_audit; INSERT INTO oxe.audit_checkpoints (tree_size, note) VALUES (-1, 'x') $$),
    ('23514', 'a month is its first day', $$ INSERT INTO oxe.audit_archives (month, first_seq, last_seq) VALUES ('2026-10-02', 1, 5) $$),
    ('23514', 'a month ends where it begins, or behind', $$ INSERT INTO oxe.audit_archives (month, first_seq, last_seq) VALUES ('2026-10-01', 6, 4) $$),
    ('23514', 'an archived hash has 32 bytes', $$ INSERT INTO oxe.audit_archived_leaves VALUES (1, 'x') $$),
    ('23514', 'a hash of a tile has 32 bytes', $$ SET LOCAL ROLE oxe_audit; INSERT INTO oxe.audit_tiles VALUES (1, 0, 'x') $$),
    ('23514', 'the lowest tiles are the log''s own', $$ SET LOCAL ROLE oxe_audit; INSERT INTO oxe.audit_tiles VALUES (0, 0, sha256('x')) $$)
) AS cases (state, fact, statement);

SELECT lives_ok(statement, fact) FROM (VALUES
    ('a cancel is recorded', $$ SELECT pg_temp.new_command('CANCEL', NULL, NULL) $$),
    ('a resolve is recorded', $$ SELECT pg_temp.new_command('RESOLVE', 'RETRY', repeat('x', 500)) $$),
    ('a resolve with a fill is recorded', $$ SELECT pg_temp.new_command('RESOLVE', 'FILL', 'why', 1, 1, repeat('x', 64)) $$)
) AS cases (fact, statement);

-- No rule may refuse a fill: limits bind at admission only.
INSERT INTO oxe.positions (trader_id, symbol) VALUES (pg_temp.trader(1), 'AAPL');
SELECT lives_ok(statement, fact) FROM (VALUES
    ('a fill of a DONE order counts', $$ INSERT INTO oxe.fills VALUES (pg_temp.trader(1), '00000000-0000-7000-9000-000000000002', pg_temp.trader(1), 'AAPL', 'BUY', 60, 10, 'SIM', 'E1', 'LATE', now()) $$),
    ('an order may be filled beyond its quantity', $$ UPDATE oxe.orders SET filled_quantity = 160, filled_notional = 1600, average_price = 10 WHERE id = '00000000-0000-7000-9000-000000000002' $$),
    ('cash may become negative', $$ UPDATE oxe.traders SET cash = -5 $$),
    ('a position may become short', $$ UPDATE oxe.positions SET quantity = -5 $$)
) AS cases (fact, statement);
SELECT throws_ok(
    $$ INSERT INTO oxe.fills VALUES (pg_temp.trader(2), '00000000-0000-7000-9000-000000000002', pg_temp.trader(1), 'AAPL', 'BUY', 60, 10, 'SIM', 'E1', NULL, now()) $$,
    '23505', NULL, 'an execution of an order is recorded once');

SELECT * FROM finish();
ROLLBACK;
