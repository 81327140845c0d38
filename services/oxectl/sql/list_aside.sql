-- What no rule covered, newest first. $1: at most so many; $2: recorded at or after it, NULL: any. The message with its separators as bars.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT id, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at, service, kind, order_id, detail, venue_exec_id,
           trim_scale(quantity) AS quantity, trim_scale(price) AS price, cl_ord_id, exec_type,
           replace(encode(message, 'escape'), chr(1), '|') AS message
      FROM oxe.put_aside
     WHERE $2::timestamptz IS NULL OR created_at >= $2::timestamptz
     ORDER BY id DESC LIMIT $1::int
) AS t
