-- A small sound database for tests: two traders, four orders (FILLED, WORKING, refused, cancelled after a part), their fills and their
-- trail in the log, each step a known time after the one before. Run as a superuser.
BEGIN;

INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('AAPL', 'Apple', 0.01, 1);
INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 10);
INSERT INTO oxe.traders (id, subject, cash, opening_cash, reserved, open_orders) VALUES
    ('00000000-0000-7000-8000-000000000001', 'trader-1', 998950, 1000000, 660, 1),
    ('00000000-0000-7000-8000-000000000002', 'trader-2', 1000400, 1000000, 0, 0);
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, open_buy) VALUES
    ('00000000-0000-7000-8000-000000000001', 'AAPL', 150, 50, 60),
    ('00000000-0000-7000-8000-000000000002', 'AAPL', -40, 0, 0);
INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, status, execution_state, lane, reserve_price, reserve_quantity, reserved, reason,
                        rejection, filled_quantity, filled_notional, average_price, idempotent_key, fingerprint, actor, created_at, updated_at)
SELECT ('00000000-0000-7000-9000-00000000000' || number)::uuid, ('00000000-0000-7000-8000-00000000000' || trader)::uuid, 'AAPL',
       side::oxe.side, quantity, 'MARKET', 'DAY', status::oxe.order_status, state::oxe.execution_state, 0, sign(reserved) * 11,
       sign(reserved) * quantity, reserved, reason, rejection,
       filled, notional, round(notional::numeric / nullif(filled, 0), 8), 'key-' || number, sha256('x'), 'trader-' || trader, now(), now()
  FROM (VALUES (1, 1, 'BUY', 60, 'FILLED', 'DONE', 0, NULL, NULL::bytea, 60, 650),
               (2, 1, 'BUY', 100, 'PARTIAL', 'WORKING', 660, NULL, NULL, 40, 400),
               (3, 2, 'BUY', 100, 'REJECTED', 'DONE', 0, 'INSUFFICIENT_BUYING_POWER', '\x01', 0, 0),
               (4, 2, 'SELL', 100, 'CANCELLED', 'DONE', 0, NULL, NULL, 40, 400))
       AS sample (number, trader, side, quantity, status, state, reserved, reason, rejection, filled, notional);
INSERT INTO oxe.open_orders SELECT lane, id FROM oxe.orders WHERE execution_state <> 'DONE';
INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, "timestamp")
SELECT gen_random_uuid(), o.id, o.trader_id, 'AAPL', o.side, f.quantity, f.price, 'SIM', f.exec_id, now()
  FROM (VALUES (1, 20, 10.5, 'E1'), (1, 40, 11, 'E2'), (2, 40, 10, 'E3'), (4, 40, 10, 'E4')) AS f (number, quantity, price, exec_id)
  JOIN oxe.orders o ON o.idempotent_key = 'key-' || f.number;
INSERT INTO oxe.lanes (lane) VALUES (0);
INSERT INTO oxe.heartbeats VALUES ('executor/0', 'executor', 1, now());
INSERT INTO oxe.halts VALUES (gen_random_uuid(), 'SYMBOL', NULL, 'AAPL', 'a test', 'executor', now());
INSERT INTO oxe.put_aside (service, kind, detail) VALUES ('executor', 'UNKNOWN_ORDER', 'a test');
UPDATE oxe.orders SET cancel_requested_at = now() WHERE idempotent_key = 'key-2';
INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)
SELECT gen_random_uuid(), lane, id, 'CANCEL', actor, now() FROM oxe.orders WHERE idempotent_key = 'key-2';

-- The trail: submitted at 0, decided 1 ms, executed 3 ms, filled from 6 ms on, recorded 1 ms after each.
CREATE TEMP TABLE trail (log_seq bigint, number integer, trader_seq bigint, action oxe.audit_action, at_ms integer, exec_id text,
                         quantity numeric, price numeric, total numeric, actor text);
INSERT INTO trail VALUES
    (1, 1, 1, 'SUBMITTED', 0, NULL, NULL, NULL, 0, 'trader-1'),
    (2, 2, 2, 'SUBMITTED', 0, NULL, NULL, NULL, 0, 'trader-1'),
    (3, 3, 1, 'SUBMITTED', 0, NULL, NULL, NULL, 0, 'trader-2'),
    (4, 4, 2, 'SUBMITTED', 0, NULL, NULL, NULL, 0, 'trader-2'),
    (5, 1, 3, 'APPROVED', 1, NULL, NULL, NULL, 0, 'risk-manager'),
    (6, 2, 4, 'APPROVED', 1, NULL, NULL, NULL, 0, 'risk-manager'),
    (7, 3, 3, 'REJECTED', 1, NULL, NULL, NULL, 0, 'risk-manager'),
    (8, 4, 4, 'APPROVED', 1, NULL, NULL, NULL, 0, 'risk-manager'),
    (9, 1, 5, 'EXECUTED', 3, NULL, NULL, NULL, 0, 'executor'),
    (10, 2, 6, 'EXECUTED', 3, NULL, NULL, NULL, 0, 'executor'),
    (11, 4, 5, 'EXECUTED', 3, NULL, NULL, NULL, 0, 'executor'),
    (12, 1, 7, 'FILLED', 6, 'E1', 20, 10.5, 20, 'executor'),
    (13, 2, 8, 'FILLED', 6, 'E3', 40, 10, 40, 'executor'),
    (14, 4, 6, 'FILLED', 6, 'E4', 40, 10, 40, 'executor'),
    (15, 1, 9, 'FILLED', 7, 'E2', 40, 11, 60, 'executor'),
    (16, 2, 10, 'RETRIED', 8, NULL, NULL, NULL, 40, 'executor'),
    (17, 4, 7, 'CANCELLED', 9, NULL, NULL, NULL, 40, 'executor');
CREATE TEMP TABLE entries AS
    SELECT t.*, o.id AS order_id, o.trader_id, o.symbol, o.side, o.reason,
           now() + at_ms * interval '1 millisecond' AS happened
      FROM trail t JOIN oxe.orders o ON o.idempotent_key = 'key-' || t.number;
GRANT SELECT ON entries TO oxe_audit;
SET LOCAL ROLE oxe_audit;
INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, symbol, side, quantity, price, total_filled,
                                venue, venue_exec_id, reason, actor, "timestamp", recorded_at, leaf_hash)
SELECT log_seq, gen_random_uuid(), order_id, trader_id, trader_seq, action, symbol, side, quantity, price, total,
       CASE WHEN exec_id IS NOT NULL THEN 'SIM' END, exec_id, CASE action WHEN 'REJECTED' THEN reason END, actor, happened,
       happened + interval '1 millisecond', sha256('x')
  FROM entries ORDER BY log_seq;
RESET ROLE;
INSERT INTO oxe.audit_traders SELECT trader_id, max(trader_seq) FROM entries GROUP BY trader_id;
UPDATE oxe.audit_state SET next_log_seq = 18, frontier = int8send(17) || sha256('a') || sha256('b'),
                           last_recorded_at = (SELECT max(happened) + interval '1 millisecond' FROM entries);

DELETE FROM oxe.outbox; -- what the triggers told

COMMIT;
