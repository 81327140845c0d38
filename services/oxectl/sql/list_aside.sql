-- What no rule covered, newest first. $1: at most so many.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT id, created_at, service, kind, order_id, detail FROM oxe.put_aside ORDER BY id DESC LIMIT $1::int
) AS t
