-- What no rule covered, newest first. $1: at most so many. The message with its separators as bars.
SELECT id, oxe.us(created_at) AS created_at, service, kind, order_id, detail, venue_exec_id, quantity, price, cl_ord_id, exec_type,
       replace(encode(message, 'escape'), chr(1), '|') AS message
FROM oxe.put_aside
ORDER BY id DESC
LIMIT $1::integer
