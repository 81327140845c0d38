-- $1 subject or id of a trader, $2 at most so many. One row per limit that changed, newest first; at the opening of the account, which
-- comes last, per column that it began with.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT to_char(c.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at, c.actor, c.role, a.key AS "limit",
           nullif(oxe.plain(c.before -> a.key), 'none') AS before, oxe.plain(a.value) AS after
      FROM oxe.limit_changes c
     CROSS JOIN LATERAL jsonb_each(c.after) AS a
     WHERE c.trader_id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                                  (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
     ORDER BY c.id DESC, a.key LIMIT $2::int
) AS t
