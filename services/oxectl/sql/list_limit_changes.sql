-- $1 subject or id of a trader, $2 at most so many. One row per limit that changed, newest first.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT c.changed_at, c.actor, c.role, b.key AS "limit", b.value AS before, a.value AS after
      FROM oxe.limit_changes c
     CROSS JOIN LATERAL jsonb_each_text(c.before) AS b
      JOIN LATERAL jsonb_each_text(c.after) AS a USING (key)
     WHERE c.trader_id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                                  (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
     ORDER BY c.id DESC, b.key LIMIT $2::int
) AS t
