-- One order's life, one transaction per step: admitted, sent, filled.
\set trader random(1, 200)
\set order_id random(1, 9000000000000000000)
\set fill_id random(1, 9000000000000000000)
BEGIN;
SELECT cash, reserved FROM traders WHERE id = :trader FOR NO KEY UPDATE;
INSERT INTO orders (id, trader_id, symbol, quantity, price, status, idempotent_key)
VALUES (:order_id, :trader, 'AAPL', 10, 150, 'PENDING', :order_id);
UPDATE traders SET reserved = reserved + 1500 WHERE id = :trader;
INSERT INTO logs (order_id, trader_id, action) VALUES (:order_id, :trader, 'SUBMITTED'), (:order_id, :trader, 'APPROVED');
COMMIT;
BEGIN;
UPDATE orders SET status = 'SENT', updated_at = now() WHERE id = :order_id;
INSERT INTO logs (order_id, trader_id, action) VALUES (:order_id, :trader, 'EXECUTED');
COMMIT;
BEGIN;
UPDATE traders SET cash = cash - 1500, reserved = reserved - 1500 WHERE id = :trader;
UPDATE positions SET quantity = quantity + 10 WHERE trader_id = :trader AND symbol = 'AAPL';
UPDATE orders SET status = 'FILLED', filled_quantity = 10, updated_at = now() WHERE id = :order_id;
INSERT INTO fills VALUES (:fill_id, :order_id, 10, 150);
INSERT INTO logs (order_id, trader_id, action) VALUES (:order_id, :trader, 'FILLED');
COMMIT;
