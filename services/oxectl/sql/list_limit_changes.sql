-- $1 subject or id of a trader, $2 at most so many. One row per limit that changed, newest first; at the opening of the account, which
-- comes last, per column that it began with.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT c.changed_at, c.actor, c.role, a.key AS "limit", c.before ->> a.key AS before, a.value AS after
      FROM oxe.limit_changes c
     CROSS JOIN LATERAL jsonb_each_text(c.after) AS a
     WHERE c.trader_id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                                  (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
     ORDER BY c.id DESC, a.key LIMIT $2::int
) AS t
