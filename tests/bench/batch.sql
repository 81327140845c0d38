-- One batch of orders: admitted, sent and filled, a transaction for each of the three, whatever the number of orders.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS batch \gset
BEGIN;
UPDATE batch.traders t SET reserved = reserved + 1, open_orders = open_orders + 1
FROM (SELECT id FROM batch.traders WHERE id IN (SELECT trader_id FROM batch.sample) ORDER BY id FOR NO KEY UPDATE) locked
WHERE t.id = locked.id;
SELECT batch.insert_orders(:batch), batch.insert_admitted(:batch);
COMMIT;
BEGIN;
UPDATE batch.orders o SET execution_state = 'SENT', attempts = 1, updated_at = clock_timestamp()
FROM batch.sample s WHERE o.id = batch.id(:batch, s.n, 1);
SELECT batch.insert_sent(:batch);
COMMIT;
BEGIN;
UPDATE batch.traders t SET cash = cash + 1, reserved = reserved - 1, open_orders = open_orders - 1
FROM (SELECT id FROM batch.traders WHERE id IN (SELECT trader_id FROM batch.sample) ORDER BY id FOR NO KEY UPDATE) locked
WHERE t.id = locked.id;
UPDATE batch.positions p SET quantity = quantity + 1, cost = cost + 1, updated_at = clock_timestamp()
FROM (SELECT DISTINCT trader_id, symbol FROM batch.sample) s WHERE p.trader_id = s.trader_id AND p.symbol = s.symbol;
UPDATE batch.orders o SET status = 'FILLED', execution_state = 'DONE', reserved = 0, filled_quantity = s.filled_quantity,
    filled_notional = s.filled_notional, average_price = s.average_price, venue_order_id = s.venue_order_id, updated_at = clock_timestamp()
FROM batch.sample s WHERE o.id = batch.id(:batch, s.n, 1);
SELECT batch.insert_fills(:batch), batch.insert_filled(:batch);
COMMIT;
