-- All fills of one order, oldest first.
SELECT id, order_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, oxe.us("timestamp") AS "timestamp"
FROM oxe.fills
WHERE order_id = $1::uuid
ORDER BY fills."timestamp", id
